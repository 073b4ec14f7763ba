#!/usr/bin/env python3
"""Writes sessions of Claude Code's form, with sizes as users have them: half the files below 110 KB, the largest 20 MB, one line in
three with usage. Usage: generate.py FOLDER MEBIBYTES"""
import json
import os
import random
import sys

random.seed(7)
folder, size = sys.argv[1], int(sys.argv[2]) << 20
os.makedirs(folder, exist_ok=True)
words = "".join(random.choice("abcdefghij klmno pqrst uvwxyz.,\n\"") for _ in range(200_000))


def line(kind, session, moment, number, text):
    time = f"2026-03-{1 + session % 28:02d}T{moment // 3600 % 24:02d}:{moment // 60 % 60:02d}:{moment % 60:02d}.000Z"
    base = {"parentUuid": "a-1", "isSidechain": False, "userType": "external", "cwd": f"/p{session % 40}", "sessionId": f"s-{session}",
            "version": "2.1.63", "gitBranch": "main", "type": kind}
    if kind == "user":
        return base | {"message": {"role": "user", "content": text * 2}, "uuid": f"v-{number}", "timestamp": time}
    write = random.randrange(0, 9000)
    usage = {"input_tokens": random.randrange(1, 2000), "cache_creation_input_tokens": write, "cache_read_input_tokens": random.randrange(0, 90_000),
             "cache_creation": {"ephemeral_5m_input_tokens": write, "ephemeral_1h_input_tokens": 0}, "output_tokens": random.randrange(1, 900),
             "service_tier": "standard"}
    message = {"model": "claude-opus-4-6", "id": f"msg_{number}", "type": "message", "role": "assistant",
               "content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "usage": usage}
    return base | {"message": message, "requestId": f"req_{number}", "uuid": f"u-{number}", "timestamp": time}


done = session = number = 0
while done < size:
    wanted = int(min(20e6, random.lognormvariate(11.6, 1.3)))
    path = f"{folder}/s{session:05d}.jsonl"
    with open(path, "w") as file:
        moment = session * 600
        while file.tell() < wanted:
            for kind in ("assistant", "user", "user"):
                moment += 3
                number += kind == "assistant"
                start = random.randrange(0, 150_000)
                text = words[start:start + int(random.lognormvariate(7.2, 1.1))]
                file.write(json.dumps(line(kind, session, moment, number, text), separators=(",", ":")) + "\n")
        done += file.tell()
    session += 1
print(f"{session} files, {done >> 20} MiB, {number} lines with usage")
