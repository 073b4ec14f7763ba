/// What `tacet config example` prints: every setting, commented.
enum SettingsExample {
    static let text = """
        listen: { api: 127.0.0.1:8400, console: 127.0.0.1:8401 }        # tls: { certificate: …, key: … } on either
        data: ./tacet-data                         # without it: $XDG_DATA_HOME/tacet
        profile: strict                            # aurex | aura | aurixel | auxen | outlay, or one of your own: { extends: aura, recovery_days: 0 }
        providers:                                # `tacet provider facts` lists the known ones; their name suffices: groq: {}
          openai: { dialect: openai, base_url: https://api.openai.com/v1, key: env:OPENAI_API_KEY }   # openai | openai-responses | anthropic | gemini
          local:  { dialect: openai, base_url: http://127.0.0.1:11434/v1, key: none, price: free }
        models:                                   # optional: aliases; `provider/model` always works
          fast: [openai/gpt-5-mini, local/qwen3]  # first is used, the rest are fallbacks
          # shared: [[openai/gpt-5-mini, second/gpt-5-mini], local/qwen3]      a list in the list shares its place: by load and latency, or
          # split:  [[{ to: openai/gpt-5-mini, weight: 9 }, { to: local/qwen3, weight: 1 }]]    by weight
        pricing: { unknown: refuse }              # refuse | free | ceiling: { input: …, output: … } in USD per million tokens
        limits:  { body: 32MiB, header_time: 10s, idle: 75s, write_stall: 60s, upstream_connect: 5s, upstream_first_byte: 600s, upstream_silence: 600s, upstream_total: 60m, retries: 10%, connections: 16384, connections_per_address: 4096, queue: 100, queue_time: 5s }   # retries: of requests at most; queue: of an organisation's requests while its in_flight, or a provider's, are used up

        # billing: prepaid        organisations spend credit of `tacet ledger grant` and nothing beyond it; without it: none
        # budgets:                in USD by UTC day, week, month or ever; at: block | alert | downgrade with to: ALIAS
        #   organisation: { month: 500, at: block, rpm: 600, tpm: 2000000, in_flight: 50 }
        #   provider/openai: { day: 20, at: downgrade, to: fast }
        #   installation: { ever: 100000 }
        # alerts:                 told once per cause, by mail, by a signed webhook and in `tacet alerts list`
        #   { budgets: [80, 100], balance: [10, 1], pace_days: 3, anomalies: on, mail: { server: "smtps://mail.example:465", from: tacet@example.com, to: [ops@example.com], user: tacet, password: env:SMTP_PASSWORD }, webhook: { url: https://example.com/hook, secret: env:HOOK_SECRET } }
        # decisions:              a request's header and its key (`tacet keys set`) come before: compression: off | lossless | balanced | strong,
        #   all: { cache: auto }            cache: off | auto | on, prompt_cache: carry | auto
        #   models: { fast: { compression: lossless } }
        # cache: { scope: key, ttl: 10m, budget: 64MiB, hit_price: 0%, sample: 5%, pacing: instant }      scope: key | organisation; hit_price: of what the answer cost; sample: of hits by meaning that are checked; pacing: instant | recorded, of kept streams
        # compression: { control: 5% }      of sessions that stay as they came where balanced and strong shorten, to compare outcomes
        # router:                 chooses among these for the model `auto`, and where decisions or a key say router: shadow | advise | autopilot
        #   models: { openai/gpt-5: { strength: 900 }, openai/gpt-5-mini: { strength: 700, lacks: [audio], region: eu } }
        #   weights: weights.bin            of `tacet router train`; without it longer prompts count as harder
        #   minimum: 0, floors: { code: 800 }, ceiling: 1000, tolerance: 5%, control: 5%, price_cap: 0.50, region: eu
        #   learn: off                      on: outcomes that callers tell move the difficulty of prompts; profiles aura and outlay
        # node: 2                 one of several servers on one data directory
        # A listener with TLS:    listen: { api: { address: 0.0.0.0:8400, tls: { certificate: tls.pem, key: tls.key } } }; tls: in_front where a proxy ends it
        # A key is never written here: env:NAME takes it from the environment, file:PATH from a file,
        # passthrough sends each caller's own, which comes beside the gateway's key in x-tacet-key,
        # vault from `tacet provider-keys set NAME`, sealed under the master key of:
        # vault: { master_key: file:/etc/tacet/master }   env:NAME, command:/path ARGS; without it: keys/master in the data
        # accounts: { address: https://console.example, api_address: https://api.example, sign_in: password-or-code, sign_up: by-invitation }
        #                         api_address: where it is not listen.api; sign_in: password | code | password-or-code; sign_up: open | by-invitation; mail goes by alerts.mail
        # operators: [ada, grace]     users of this system whom a running server's verbs obey; without it: whoever reaches its socket; tacet break-glass
        # legal: { company: …, address: …, contact: …, privacy_contact: …, website: …, operators: …, hosting: …, jurisdiction: …, effective: … }
        #                         what /legal/privacy and the other pages say; a page that lacks one is not published
        # Every setting also as a variable: TACET__LIMITS__BODY=64MiB, TACET__PROVIDERS__OPENAI__BASE_URL=…
        # Any server of a known dialect: { dialect: openai, base_url: https://…/v1, key: env:… }, or { kind: vllm, base_url: … }
        # azure: { base_url: https://NAME.openai.azure.com, api_version: 2024-10-21 }     without api_version its v1 API
        # swap: allowed           the profile `strict` refuses to start where unencrypted swap is usable; this is the exception
        # upstream_roots: ca.pem  trust these roots upstream instead of the system's
        # event_loops: 4          threads of the data plane; one per core without it
        # metrics: { token: env:TACET_METRICS_TOKEN }     lets /metrics be read from another machine

        """
}
