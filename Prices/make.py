#!/usr/bin/env python3
"""Makes prices.txt from the public price facts in $TACET_SHARED/corpora/prices. See README.md beside this file."""
import collections
import decimal
import gzip
import json
import os
import re
import sys
from decimal import Decimal

BOOK_DATE = "20261121"
LITELLM = "litellm 1.109.1 (MIT)"
GENAI = "pydantic/genai-prices 47df840 (MIT)"
MODELS_DEV = "models.dev f3fc692 (MIT)"

# Our provider names: those of LiteLLM's rows, and the same provider's ids in the other two sets.
PROVIDERS = {
    "openai": (["openai", "text-completion-openai"], ["openai"], "openai"),
    "azure": (["azure"], ["azure"], "azure"),
    "azure_ai": (["azure_ai"], [], None),
    "anthropic": (["anthropic"], ["anthropic"], "anthropic"),
    "gemini": (["gemini"], ["google"], "google"),
    "vertex_ai": (None, [], "google-vertex"),  # every litellm_provider that begins so
    "bedrock": (["bedrock", "bedrock_converse"], ["aws"], "amazon-bedrock"),
    "mistral": (["mistral"], ["mistral"], "mistral"),
    "groq": (["groq"], ["groq"], "groq"),
    "deepseek": (["deepseek"], ["deepseek"], "deepseek"),
    "xai": (["xai"], ["x-ai"], "xai"),
    "together": (["together_ai"], ["together"], "togetherai"),
    "fireworks": (["fireworks_ai"], ["fireworks"], "fireworks-ai"),
    "openrouter": (["openrouter"], ["openrouter"], "openrouter"),
    "cerebras": (["cerebras"], ["cerebras"], "cerebras"),
    "cohere": (["cohere", "cohere_chat"], ["cohere"], "cohere"),
    "perplexity": (["perplexity"], ["perplexity"], "perplexity"),
    "deepinfra": (["deepinfra"], [], "deepinfra"),
    "moonshot": (["moonshot"], ["moonshotai"], "moonshotai"),
    "zai": (["zai"], [], "zai"),
    "minimax": (["minimax"], ["minimax"], "minimax"),
    "dashscope": (["dashscope"], [], "alibaba"),
    "nebius": (["nebius"], [], "nebius"),
    "novita": (["novita"], ["novita"], "novita-ai"),
    "sambanova": (["sambanova"], [], None),
    "voyage": (["voyage"], ["voyageai"], None),
}
PREFIXES = {"together": "together_ai/", "fireworks": "fireworks_ai/"}
MODES = {"chat", "responses", "completion", "embedding", "audio_transcription", "audio_speech", "image_generation",
         "image_edit", "realtime", "rerank", "moderation", None}
PAGES = {
    "openai": "https://developers.openai.com/api/docs/pricing",
    "azure": "https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/",
    "azure_ai": "https://azure.microsoft.com/pricing/details/ai-foundry/",
    "anthropic": "https://platform.claude.com/docs/en/about-claude/pricing",
    "gemini": "https://ai.google.dev/gemini-api/docs/pricing",
    "vertex_ai": "https://cloud.google.com/vertex-ai/generative-ai/pricing",
    "bedrock": "https://aws.amazon.com/bedrock/pricing/",
    "mistral": "https://mistral.ai/pricing",
    "groq": "https://groq.com/pricing/",
    "deepseek": "https://api-docs.deepseek.com/quick_start/pricing",
    "xai": "https://docs.x.ai/docs/models",
    "together": "https://www.together.ai/pricing",
    "fireworks": "https://fireworks.ai/pricing",
    "openrouter": "https://openrouter.ai/models",
    "cerebras": "https://www.cerebras.ai/pricing",
    "cohere": "https://cohere.com/pricing",
    "perplexity": "https://docs.perplexity.ai/guides/pricing",
}
# The words of a price line in the order they are written, and LiteLLM's column with what one price there counts.
CLASSES = ["in", "cr", "w5", "w1", "ain", "iin", "out", "rsn", "aout", "iout", "img", "ms", "chr", "srch"]
COLUMNS = {
    "in": "input_cost_per_token", "cr": "cache_read_input_token_cost", "w5": "cache_creation_input_token_cost",
    "w1": "cache_creation_input_token_cost_above_1hr", "ain": "input_cost_per_audio_token",
    "iin": "input_cost_per_image_token", "out": "output_cost_per_token", "rsn": "output_cost_per_reasoning_token",
    "aout": "output_cost_per_audio_token", "iout": "output_cost_per_image_token",
}
# Service levels with prices of their own: the word, and what LiteLLM hangs on a column's name.
LEVELS = {"batch": "_batches", "flex": "_flex", "priority": "_priority"}
WHOLE = 10**6
RELATIVES = {"rsn": "out", "aout": "out", "iout": "out", "ain": "in", "iin": "in"}
GENAI_CLASSES = {"in": "input_mtok", "cr": "cache_read_mtok", "w5": "cache_write_mtok", "ain": "input_audio_mtok",
                 "out": "output_mtok", "aout": "output_audio_mtok"}
DEV_CLASSES = {"in": "input", "cr": "cache_read", "w5": "cache_write_5m", "w1": "cache_write_1h", "out": "output",
               "rsn": "reasoning_output", "ain": "input_audio", "aout": "output_audio"}
# A name that says one of these is not merely another name for a model that does not: audio costs more than text.
KINDS = ("audio", "realtime", "search", "image", "tts", "transcribe", "mini", "nano", "pro", "fast", "instruct")
NAME = re.compile(r"[A-Za-z0-9._:/@+-]{1,96}\Z")
PICO = Decimal(10) ** 12
skipped = collections.Counter()


class Inexact(Exception):
    pass


def pico(usd, per=1):
    """A price in USD for `per` units as whole pico-USD for one; never rounded."""
    value = Decimal(usd) * PICO / per
    if value < 0 or value != value.to_integral_value():
        raise Inexact(str(usd))
    return int(value)


def number(value):
    return int(value) if isinstance(value, (int, Decimal)) and value > 0 else None


def row(tiers, context=None, maximum=None, req=None, region=None, levels=None):
    return {"tiers": tiers, "ctx": number(context), "max": number(maximum), "req": req, "region": region,
            "levels": levels or {}}


def levels_of(entry, tiers):
    """What each service level costs, tier by tier: only what the set says, and only tiers the price has."""
    levels = {}
    for level, suffix in LEVELS.items():
        found = collections.defaultdict(dict)
        for word, column in COLUMNS.items():
            for above in tiers:
                name = column + (f"_above_{above // 1000}k_tokens" if above else "") + suffix
                if isinstance(entry.get(name), (int, Decimal)) and word in tiers[above]:
                    found[above][word] = pico(entry[name])
        for above, prices in found.items():
            for word, relative in RELATIVES.items():
                # What costs as much as its relative does so at every level, though the set names only the relative there.
                if relative in prices and word in tiers[above] and tiers[above][word] == tiers[above].get(relative):
                    prices.setdefault(word, prices[relative])
        if found:
            levels[level] = dict(found)
    return levels


def region_of(entry):
    """The part of the price that a request costs which stays in a region, in parts per million."""
    own = entry.get("provider_specific_entry")
    factors = [entry.get("regional_endpoint_uplift_multiplier"), entry.get("regional_processing_uplift_multiplier_eu"),
               own.get("us") if isinstance(own, dict) else None]
    factor = max((Decimal(f) for f in factors if f), default=None)
    return None if factor is None else int(factor * WHOLE)


def is_exact(entry, factor):
    prices = list(entry["tiers"].values())
    prices += [p for level in entry["levels"].values() if isinstance(level, dict) for p in level.values()]
    values = [value for tier in prices for value in tier.values()] + [entry["req"] or 0]
    return all(value * factor % WHOLE == 0 for value in values)


def shortened(entry):
    """A level that costs one part of every price is written as that part; a region's factor that does not come out even
    is left out."""
    for level, tiers in entry["levels"].items():
        if not isinstance(tiers, dict):
            continue
        base = {(above, word): value for above, prices in entry["tiers"].items() for word, value in prices.items()}
        own = {(above, word): value for above, prices in tiers.items() for word, value in prices.items()}
        parts = {Decimal(own[place] * WHOLE) / value for place, value in base.items() if place in own and value}
        same = set(own) == set(base) and len(parts) == 1 and all(own[p] == 0 for p, v in base.items() if not v)
        if same and (factor := parts.pop()) == int(factor) and is_exact(entry, int(factor)):
            entry["levels"][level] = int(factor)
    entry["levels"] = {level: part for level, part in entry["levels"].items() if part != WHOLE}
    if entry["region"] and (entry["region"] == WHOLE or not is_exact(entry, entry["region"])):
        skipped["regional factors that do not come out even"] += entry["region"] != WHOLE
        entry["region"] = None
    return entry


def from_litellm(entry):
    base, tiers = {}, collections.defaultdict(dict)
    for word, column in COLUMNS.items():
        if isinstance(entry.get(column), (int, Decimal)):
            base[word] = pico(entry[column])
        for key, value in entry.items():
            match = re.fullmatch(re.escape(column) + r"_above_(\d+)k_tokens", key)
            if match and isinstance(value, (int, Decimal)):
                tiers[int(match[1]) * 1000][word] = pico(value)
    mode = entry.get("mode")
    second = entry.get("input_cost_per_second" if mode == "audio_transcription" else "output_cost_per_second")
    if mode in ("audio_transcription", "audio_speech") and second:
        base["ms"] = pico(second, 1000)
    if mode == "audio_speech" and entry.get("input_cost_per_character"):
        base["chr"] = pico(entry["input_cost_per_character"])
    image = entry.get("output_cost_per_image") or (entry.get("input_cost_per_image") if "image" in (mode or "") else None)
    if image:
        base["img"] = pico(image)
    search = entry.get("search_context_cost_per_query")
    if isinstance(search, dict) and search:
        base["srch"] = pico(max(search.values()))
    elif mode == "rerank" and entry.get("input_cost_per_query"):
        base["srch"] = pico(entry["input_cost_per_query"])
    result = {0: base}
    for above in sorted(tiers):
        # A tier that names only some classes keeps the others from below it.
        result[above] = {**result[max(result)], **tiers[above]}
    levels = levels_of(entry, result)
    own = entry.get("provider_specific_entry")
    if isinstance(own, dict) and own.get("fast"):
        levels["fast"] = int(Decimal(own["fast"]) * WHOLE)
    request = entry.get("input_cost_per_request")
    return row(
        result, entry.get("max_input_tokens") or entry.get("max_tokens"), entry.get("max_output_tokens"),
        pico(request) if request else None, region_of(entry), levels)


def from_genai(prices, context):
    base, tiers = {}, collections.defaultdict(dict)
    for word, key in GENAI_CLASSES.items():
        value = prices.get(key)
        if isinstance(value, dict):
            base[word] = pico(value["base"], 10**6)
            for tier in value["tiers"]:
                tiers[tier["start"]][word] = pico(tier["price"], 10**6)
        elif value is not None:
            base[word] = pico(value, 10**6)
    if prices.get("requests_kcount") is not None:
        base["srch"] = pico(prices["requests_kcount"], 1000)
    result = {0: base}
    for above in sorted(tiers):
        result[above] = {**result[max(result)], **tiers[above]}
    return row(result, context)


def from_models_dev(entry):
    base = {word: pico(entry[key], 10**6) for word, key in DEV_CLASSES.items() if entry.get(key) is not None}
    if base.get("w5") == 0:
        del base["w5"]  # written as 0 where the provider has no such price
    if entry.get("tiers"):
        raise Inexact("tiers")
    return row({0: base}, entry.get("context"), entry.get("max_output"))


def is_priced(entry):
    base = entry["tiers"][0]
    return bool(base) and any(word in base for word in ("in", "out", "img", "ms", "chr", "srch"))


def is_whole(provider, model, entry, book):
    """Refuses what would make bills too small: zero prices (trials, subscriptions) but for OpenRouter's free models
    and OpenAI's moderation, which costs nothing, and an undated audio name whose dated form has audio prices that this
    set lacks."""
    if not any(value for prices in entry["tiers"].values() for value in prices.values()):
        return (
            provider == "openrouter" and model.endswith(":free") or provider == "openai" and "-moderation-" in model
        )
    if "audio" in model and "aout" not in entry["tiers"][0]:
        for other, lines in book.items():
            if re.fullmatch(re.escape(model) + r"-\d{4}-\d\d-\d\d", other) and "aout" in lines[0][3]["tiers"][0]:
                return False
    return True


def complete(model, entry):
    """Anthropic's price page: a write kept for an hour costs twice the base input, whoever hosts the model."""
    if "claude" not in model:
        return entry
    levels = [level for level in entry["levels"].values() if isinstance(level, dict)]
    for tiers in [entry["tiers"]] + levels:
        for prices in tiers.values():
            if "w5" in prices and "w1" not in prices:
                prices["w1"] = 2 * prices["in"]
    return entry


def text(provider, model, start, end, source, entry):
    dates = start if end is None else f"{start}-{end}"
    words = ["price", provider, model, dates, source]
    words += [f"{key}={entry[key]}" for key in ("ctx", "max", "req", "region") if entry[key]]
    words += fields(entry["tiers"])
    for level, prices in entry["levels"].items():
        words += [f"@{level}"] + ([f"x={prices}"] if isinstance(prices, int) else fields(prices))
    return " ".join(words)


def fields(tiers):
    words = []
    for above, prices in tiers.items():
        words += [f">{above}"] if above else []
        words += [f"{word}={prices[word]}" for word in CLASSES if word in prices]
    return words


def main():
    folder = os.path.join(os.environ["TACET_SHARED"], "corpora", "prices")
    read = lambda name: json.load(open(os.path.join(folder, name)), parse_float=Decimal)
    litellm = read("litellm-1.109.1-model_prices.json")
    genai = {p["id"]: p for p in read("genai-prices-data.json")}
    dev = collections.defaultdict(list)
    with gzip.open(os.path.join(folder, "prices.jsonl.gz"), "rt") as lines:
        for line in lines:
            entry = json.loads(line, parse_float=Decimal)
            if entry["source"] == "models.dev":
                dev[entry["provider"]].append(entry)

    books, aliases, ends, used = {}, {}, {}, set()

    def take(provider, model, source, make, only_new=True):
        book = books.setdefault(provider, {})
        if only_new and model in book or not NAME.match(model):
            return
        try:
            entry = shortened(complete(model, make()))
        except Inexact:
            skipped[f"{provider}: not a whole number of pico-USD, or tiers we cannot read"] += 1
            return
        if is_priced(entry) and is_whole(provider, model, entry, book):
            book[model] = [("0", None, source, entry)]
        else:
            skipped[f"{provider}: no price, or a doubtful one"] += 1

    for provider, (lite_names, genai_names, dev_name) in PROVIDERS.items():
        page = PAGES.get(provider)
        prefix = PREFIXES.get(provider, provider + "/")
        for full, entry in litellm.items():
            owner = entry.get("litellm_provider")
            if full == "sample_spec" or not owner or entry.get("mode") not in MODES:
                continue
            if not (owner.startswith("vertex_ai") if lite_names is None else owner in lite_names):
                continue
            model = full.removeprefix(prefix)
            if "/" in model and re.match(r"\d+-x-\d+|(low|medium|high|standard|hd)/\d+", model):
                continue  # one price per picture size: not a model's name
            take(provider, model, provider + ".l", lambda: from_litellm(entry))
            if entry.get("deprecation_date"):
                ends.setdefault(provider, {}).setdefault(model, entry["deprecation_date"].replace("-", ""))
        for name in genai_names:
            for model in genai[name]["models"]:
                if name == "google" and not re.match(r"gemini|gemma|text-embedding|imagen", model["id"]):
                    continue
                prices = model["prices"]
                dated = isinstance(prices, list)
                if dated and not all("start_date" in p.get("constraint", {}) for p in prices[1:]):
                    skipped[f"{provider}: price by time of day"] += 1
                    continue
                latest = prices[-1]["prices"] if dated else prices
                take(provider, model["id"], provider + ".g", lambda: from_genai(latest, model.get("context_window")))
                book = books.get(provider, {})
                if model["id"] not in book:
                    continue
                targets = [model["id"]]
                match = model.get("match", {})
                for clause in match.get("or", [match]):
                    other = clause.get("equals")
                    differs = any((word in (other or "").lower()) != (word in model["id"].lower()) for word in KINDS)
                    if other and other != model["id"] and other not in book and NAME.match(other) and not differs:
                        aliases.setdefault(provider, {})[other] = model["id"]
                    stem = clause.get("starts_with")
                    if stem and dated:
                        targets += [m for m in book if re.fullmatch(re.escape(stem) + r"([-@]\d{8})", m)]
                if dated:
                    for target in targets:
                        history(book, target, prices, model, provider)
        for entry in dev.get(dev_name, []):
            if entry.get("mode") in MODES:
                take(provider, entry["model"].removeprefix(prefix), provider + ".m", lambda: from_models_dev(entry))

    rows, names = [], []
    for provider in PROVIDERS:
        for model, dated in sorted(books.get(provider, {}).items()):
            for start, end, source, entry in dated:
                used.add(source)
                rows.append(text(provider, model, start, end, source, entry))
        for other, model in sorted(aliases.get(provider, {}).items()):
            if other not in books[provider]:
                names.append(f"alias {provider} {other} {model}")
        for model, day in sorted(ends.get(provider, {}).items()):
            if model in books.get(provider, {}):
                names.append(f"end {provider} {model} {day}")
    dataset = {"l": LITELLM, "g": GENAI, "m": MODELS_DEV}
    home = {"l": "https://pypi.org/project/litellm/1.109.1/", "g": "https://github.com/pydantic/genai-prices",
            "m": "https://models.dev"}
    out = [f"tacet-prices 1 {BOOK_DATE}", "# Made by make.py; README.md beside this file tells the form."]
    for provider in PROVIDERS:
        for kind in "lgm":
            if f"{provider}.{kind}" in used:
                out.append(f"source {provider}.{kind} {PAGES.get(provider) or home[kind]} {dataset[kind]}")
    out += rows + names
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "prices.txt"), "w") as file:
        file.write("\n".join(out) + "\n")
    print(f"{len(rows)} prices, {len(names)} aliases and ends", file=sys.stderr)
    for reason, count in sorted(skipped.items()):
        print(f"skipped {count}: {reason}", file=sys.stderr)


def history(book, target, prices, model, provider):
    """Splits a model's price by the days that genai-prices tells; the current one stays as it is if they agree."""
    current = book[target][0][3]
    lines = []
    for index, step in enumerate(prices):
        start = step.get("constraint", {}).get("start_date", "0").replace("-", "")
        following = prices[index + 1]["constraint"]["start_date"].replace("-", "") if index + 1 < len(prices) else None
        entry = complete(target, from_genai(step["prices"], model.get("context_window")))
        entry["ctx"], entry["max"] = current["ctx"] or entry["ctx"], current["max"]
        entry["levels"] = scaled_levels(current, entry)
        entry["region"] = current["region"]
        shortened(entry)
        source = provider + ".g"
        agrees = all(current["tiers"][0].get(w) == entry["tiers"][0].get(w) for w in ("in", "out"))
        if following is None and agrees:
            entry, source = current, book[target][0][2]
        elif following is None:
            print(f"{provider}/{target}: sets disagree on the current price, the dated one is taken", file=sys.stderr)
        lines.append((start, following, source, entry))
    book[target] = lines


def scaled_levels(current, entry):
    """The levels of another time's price, where each costs one part of all it names."""
    levels = {}
    for level, tiers in current["levels"].items():
        if isinstance(tiers, int):
            levels[level] = tiers
            continue
        parts = {Decimal(value) / current["tiers"][above][word] for above, prices in tiers.items()
                 for word, value in prices.items()}
        if len(parts) == 1:
            part = parts.pop()
            scaled = {above: {word: prices[word] * part for word in tiers[0] if word in prices}
                      for above, prices in entry["tiers"].items()}
            if all(value == int(value) for prices in scaled.values() for value in prices.values()):
                levels[level] = {a: {w: int(v) for w, v in prices.items()} for a, prices in scaled.items()}
    return levels


decimal.getcontext().prec = 60
main()
