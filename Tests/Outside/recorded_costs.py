"""What a recorded answer costs, computed in Python from its own words and a line of the price book: exact fractions, one
rounding. Shares no code with Tacet; `replay_check` only reads the recordings."""

from fractions import Fraction

from replay_check import body_of, values_of

#: The level that a provider's word means.
LEVELS = {"flex": "flex", "priority": "priority", "fast": "priority", "batch": "batch",
          "ON_DEMAND_FLEX": "flex", "ON_DEMAND_PRIORITY": "priority"}  # fmt: skip
#: What a class costs whose price the line does not name.
RELATIVES = {"cr": "in", "w5": "in", "w1": "w5", "ain": "in", "iin": "in", "rsn": "out", "aout": "out", "iout": "out"}
INPUT = ("in", "cr", "w5", "w1", "ain", "iin")


class Book:
    """The current prices of a book, by (provider, model)."""

    def __init__(self, text):
        self.fields, aliases = {}, []
        for line in text.splitlines():
            words = line.split(" ")
            if words[0] == "price" and "-" not in words[3]:
                self.fields[words[1], words[2]] = words[5:]
            elif words[0] == "alias":
                aliases.append(words[1:])
        for provider, name, model in aliases:
            if (provider, model) in self.fields:
                self.fields[provider, name] = self.fields[provider, model]


def price_of(fields):
    """{level: {above: {class: pico}}}, and what stands for the whole line."""
    levels, whole = {"standard": {0: {}}}, {}
    level, above = "standard", 0
    for word in fields:
        if word[0] == "@":
            level, above = word[1:], 0
            levels[level] = {0: {}}
        elif word[0] == ">":
            above = int(word[1:])
            levels[level][above] = {}
        else:
            name, value = word.split("=")
            if name in ("ctx", "max", "req", "region"):
                whole[name] = int(value)
            elif name == "x":
                levels[level] = {
                    tier: {kind: Fraction(pico * int(value), 10**6) for kind, pico in prices.items()}
                    for tier, prices in levels["standard"].items()
                }
            else:
                levels[level][above][name] = int(value)
    return levels, whole


def rate(kind, levels, level, above):
    own = levels.get(level, {}).get(above, {})
    base = levels["standard"][above]
    if kind in own:
        return own[kind]
    if kind in base:
        return base[kind]
    return rate(RELATIVES[kind], levels, level, above) if kind in RELATIVES else 0


def cost(used, fields):
    """In nano-USD; half of one counts as a whole."""
    levels, whole = price_of(fields)
    counts = {kind: count for kind, count in used.items() if isinstance(count, int) and kind != "regional"}
    if not any(counts.values()):
        return 0
    total = sum(counts.get(kind, 0) for kind in INPUT)
    above = max((tier for tier in levels["standard"] if tier < total or tier == 0), default=0)
    level = used.get("level", "standard")
    thoughts = min(counts.get("rsn", 0), counts.get("out", 0))
    counts["out"], counts["rsn"] = counts.get("out", 0) - thoughts, thoughts
    pico = sum(Fraction(count) * rate(kind, levels, level, above) for kind, count in counts.items())
    pico += whole.get("req", 0)
    if used.get("regional"):
        pico *= Fraction(whole.get("region", 10**6), 10**6)
    return int((pico + 500) // 1000)


def number(value):
    """A count as providers write it: what is none is None, a negative is nothing."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return max(0, int(float(value)))
    except (TypeError, ValueError):
        return None


def count(report, *path):
    for name in path:
        report = report.get(name) if isinstance(report, dict) else None
    return number(report) or 0


def parted(whole, *parts):
    """Each part within what is left, and the rest."""
    out = []
    for part in parts:
        out.append(min(part, whole))
        whole -= out[-1]
    return [whole, *out]


def chat(row):
    best, level = None, "standard"
    for value in values_of(row, body_of(row)):
        if isinstance(value.get("service_tier"), str):
            level = LEVELS.get(value["service_tier"], "standard")
        report = value.get("usage") or (value.get("x_groq") or {}).get("usage")
        if not isinstance(report, dict) or number(report.get("prompt_tokens")) is None:
            continue
        prompt, completion = count(report, "prompt_tokens"), count(report, "completion_tokens")
        details, made = "prompt_tokens_details", "completion_tokens_details"
        cached = max(count(report, details, "cached_tokens"), count(report, "prompt_cache_hit_tokens"),
                     count(report, "cached_tokens"), count(report, "num_cached_tokens"),
                     count(report, "cache_read_input_tokens"))  # fmt: skip
        written = max(count(report, details, "cache_write_tokens"), count(report, "cache_creation_input_tokens"))
        thoughts = count(report, made, "reasoning_tokens")
        if thoughts and number(report.get("total_tokens")) == prompt + completion + thoughts:
            completion += thoughts
        text, *read = parted(prompt, cached, written, count(report, details, "audio_tokens"),
                             count(report, details, "image_tokens"))  # fmt: skip
        said, sound, picture = parted(completion, count(report, made, "audio_tokens"), count(report, made, "image_tokens"))
        tools = report.get("server_tool_use_details") or report.get("server_tool_use") or {}
        best = {"in": text, "cr": read[0], "w5": read[1], "ain": read[2], "iin": read[3], "out": said, "aout": sound,
                "iout": picture, "rsn": thoughts,
                "srch": max(count(report, "num_search_queries"), count(tools, "web_search_requests"))}  # fmt: skip
    return best and {**best, "level": level}


def responses(row):
    for value in reversed(values_of(row, body_of(row))):
        response = value.get("response") or value
        report = response.get("usage")
        if isinstance(report, dict) and number(report.get("input_tokens")) is not None:
            text, cached, written = parted(
                count(report, "input_tokens"), count(report, "input_tokens_details", "cached_tokens"),
                count(report, "input_tokens_details", "cache_write_tokens"),
            )
            return {"in": text, "cr": cached, "w5": written, "out": count(report, "output_tokens"),
                    "rsn": count(report, "output_tokens_details", "reasoning_tokens"),
                    "level": LEVELS.get(response.get("service_tier"), "standard")}  # fmt: skip
    return None


def messages(row):
    told = {}
    for value in values_of(row, body_of(row)):
        for report in ((value.get("message") or {}).get("usage"), value.get("usage")):
            told.update({name: said for name, said in (report or {}).items() if said is not None})
    if "input_tokens" not in told and "output_tokens" not in told:
        return None
    hour = count(told, "cache_creation", "ephemeral_1h_input_tokens")
    short = count(told, "cache_creation", "ephemeral_5m_input_tokens")
    written = count(told, "cache_creation_input_tokens") if "cache_creation_input_tokens" in told else hour + short
    level = "fast" if told.get("speed") == "fast" else "batch" if told.get("service_tier") == "batch" else "standard"
    return {"in": count(told, "input_tokens"), "cr": count(told, "cache_read_input_tokens"), "w1": hour,
            "w5": max(0, written - hour), "out": count(told, "output_tokens"),
            "rsn": count(told, "output_tokens_details", "thinking_tokens"),
            "srch": count(told, "server_tool_use", "web_search_requests"), "level": level,
            "regional": told.get("inference_geo") == "us"}  # fmt: skip


def gemini(row):
    found, searches = None, 0
    for value in values_of(row, body_of(row)):
        queries = 0
        for candidate in value.get("candidates") or []:
            grounding = candidate.get("groundingMetadata") or candidate.get("grounding_metadata") or {}
            queries += len(grounding.get("webSearchQueries") or grounding.get("web_search_queries") or [])
        searches = max(searches, queries)
        report = value.get("usageMetadata") or value.get("usage_metadata")
        if not isinstance(report, dict):
            continue
        told = {name[:1].lower() + "".join(part.title() if at else part for at, part in enumerate(name.split("_")))[1:]
                if "_" in name else name: said for name, said in report.items()}  # fmt: skip
        modal = lambda name, *kinds: sum(  # noqa: E731
            number(part.get("tokenCount", part.get("token_count"))) or 0
            for part in told.get(name) or [] if part.get("modality") in kinds
        )
        if not any(f"{name}TokenCount" in told for name in ("prompt", "candidates", "thoughts")):
            continue
        text, cached = parted(count(told, "promptTokenCount"), count(told, "cachedContentTokenCount"))
        text += count(told, "toolUsePromptTokenCount")
        sound, picture = (
            max(0, modal("promptTokensDetails", *kinds) - modal("cacheTokensDetails", *kinds)
                + modal("toolUsePromptTokensDetails", *kinds))
            for kinds in (("AUDIO", 4), ("IMAGE", 2))
        )  # fmt: skip
        text, sound, picture = parted(text, sound, picture)
        said, heard, drawn = parted(count(told, "candidatesTokenCount"), modal("candidatesTokensDetails", "AUDIO", 4),
                                    modal("candidatesTokensDetails", "IMAGE", 2))  # fmt: skip
        thoughts = count(told, "thoughtsTokenCount")
        level = LEVELS.get(told.get("serviceTier") or told.get("trafficType"), "standard")
        found = {"in": text, "cr": cached, "ain": sound, "iin": picture, "out": said + thoughts, "rsn": thoughts,
                 "aout": heard, "iout": drawn, "level": level}  # fmt: skip
    return found and {**found, "srch": searches}


USED = {"openai-chat": chat, "openai-responses": responses, "anthropic-messages": messages, "gemini-generate": gemini}
