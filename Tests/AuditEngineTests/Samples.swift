import Testing

/// A file as exported, with what it must come to; the amounts are worked out by hand in the comment or stand in the file.
struct Sample: Sendable, CustomTestStringConvertible {
    var format: String
    var parsed: Int64
    var skipped: Int64
    /// In pico-USD.
    var cost: Int128
    var text: String
    var testDescription: String { format }
}

/// Invented rows under real headers, one file of each kind.
enum Samples {
    static let files: [Sample] = [
        Sample(
            format: "anthropic_cost_csv", parsed: 1, skipped: 0, cost: 0,
            text: #"""
                usage_date_utc,model,workspace,api_key,usage_type,token_type,cost_usd
                2024-12-07,Claude 3.5 Sonnet 2024-10-22,,key,message,input_no_cache,0.00

                """#),
        Sample(
            format: "anthropic_cost_json", parsed: 1, skipped: 0, cost: 2_919_015_000_000,
            text: #"""
                {"data":[{"starting_at":"2026-08-01T00:00:00Z","ending_at":"2026-08-02T00:00:00Z","results":[{"amount":"291.9015","currency":"USD","cost_type":"tokens","description":"Claude Haiku 4.5 Usage - Input Tokens","token_type":"uncached_input_tokens","model":"claude-haiku-4-5-20251001","service_tier":"standard","context_window":"0-200k","inference_geo":"global","workspace_id":null}]}],"has_more":false,"next_page":null}

                """#),
        Sample(
            format: "anthropic_tokens_csv", parsed: 2, skipped: 0, cost: 1_679_891_000_000,
            text: #"""
                usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed
                2026-03-22,claude-sonnet-4-20250514,key-one,Default,standard,≤ 200k,100000,0,0,0,5000,10,not_available,
                2026-03-31 02:00,claude-haiku-4-5-20251001,"key, two",Default,batch,≤ 200k,1124832,2528,0,90000,254558,0,global,

                """#),
        Sample(
            format: "anthropic_usage_json", parsed: 2, skipped: 0, cost: 3_022_785_000_000,
            text: #"""
                {"data":[{"starting_at":"2026-08-01T00:00:00Z","ending_at":"2026-08-02T00:00:00Z","results":[{"uncached_input_tokens":2919015,"cache_creation":{"ephemeral_5m_input_tokens":1000,"ephemeral_1h_input_tokens":0},"cache_read_input_tokens":200,"output_tokens":500,"server_tool_use":{"web_search_requests":10},"model":"claude-haiku-4-5-20251001","api_key_id":"apikey_01A","workspace_id":null,"account_id":null,"service_account_id":null,"service_tier":"standard","context_window":"0-200k","inference_geo":"global"}]},{"starting_at":"2026-08-02T00:00:00Z","ending_at":"2026-08-03T00:00:00Z","results":[]}],"has_more":false,"next_page":null}

                """#),
        Sample(
            format: "claude_code", parsed: 1, skipped: 5, cost: 21_140_000_000,
            text: #"""
                {"type":"file-history-snapshot","messageId":"m0","snapshot":{"messageId":"m0","trackedFileBackups":{},"timestamp":"2026-03-01T22:38:47.560Z"},"isSnapshotUpdate":false}
                {"parentUuid":null,"isSidechain":false,"userType":"external","cwd":"/tmp/p","sessionId":"2ff46cd5-0000-4000-8000-000000000001","version":"2.1.63","gitBranch":"main","type":"user","message":{"role":"user","content":"hello"},"uuid":"u-1","timestamp":"2026-03-01T22:38:47.557Z","permissionMode":"default"}
                {"parentUuid":"u-1","isSidechain":false,"userType":"external","cwd":"/tmp/p","sessionId":"2ff46cd5-0000-4000-8000-000000000001","version":"2.1.63","gitBranch":"main","type":"assistant","message":{"model":"claude-opus-4-6","id":"msg_01A","type":"message","role":"assistant","content":[{"type":"thinking","thinking":"…"}],"stop_reason":null,"usage":{"input_tokens":3,"cache_creation_input_tokens":2000,"cache_read_input_tokens":1000,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":2000},"output_tokens":5,"service_tier":"standard"}},"requestId":"req_01A","uuid":"a-1","timestamp":"2026-03-01T22:38:50.000Z"}
                {"parentUuid":"a-1","isSidechain":false,"userType":"external","cwd":"/tmp/p","sessionId":"2ff46cd5-0000-4000-8000-000000000001","version":"2.1.63","gitBranch":"main","type":"assistant","message":{"model":"claude-opus-4-6","id":"msg_01A","type":"message","role":"assistant","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"cache_creation_input_tokens":2000,"cache_read_input_tokens":1000,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":2000},"output_tokens":25,"service_tier":"standard"}},"requestId":"req_01A","uuid":"a-2","timestamp":"2026-03-01T22:38:52.000Z"}
                {"parentUuid":"a-2","isSidechain":true,"cwd":"/tmp/p","sessionId":"2ff46cd5-0000-4000-8000-000000000001","version":"2.1.63","type":"assistant","message":{"model":"claude-opus-4-6","id":"msg_01A","type":"message","role":"assistant","content":[],"usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":3000,"output_tokens":25}},"requestId":"req_01B","uuid":"a-3","timestamp":"2026-03-01T22:38:53.000Z"}
                {"parentUuid":"a-3","isSidechain":false,"cwd":"/tmp/p","sessionId":"2ff46cd5-0000-4000-8000-000000000001","version":"2.1.63","type":"assistant","isApiErrorMessage":true,"message":{"model":"<synthetic>","id":"b1","role":"assistant","content":[{"type":"text","text":"API Error"}],"usage":{"input_tokens":0,"output_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0}},"uuid":"a-4","timestamp":"2026-03-01T22:38:54.000Z"}

                """#),
        Sample(
            format: "cursor", parsed: 1, skipped: 0, cost: 0,
            text: #"""
                Date,User,Kind,Max Mode,Model,Tokens,Cost ($)
                "2025-08-20T03:58:45.884Z","You","free","No","auto",1501891,"Included"

                """#),
        Sample(
            format: "deepseek_amount", parsed: 4, skipped: 0, cost: 5_324_000_000_000,
            text: #"""
                user_id,start_time_iso,end_time_iso,model,api_key_name,api_key,type,price,amount
                u1,2026-09-22T08:00:00+08:00,2026-09-22T09:00:00+08:00,deepseek-v4-pro,Alice,sk-abc***xyz,request_count,,100
                u1,2026-09-22T08:00:00+08:00,2026-09-22T09:00:00+08:00,deepseek-v4-pro,Alice,sk-abc***xyz,input_cache_hit_tokens,0.00000015,1000000
                u1,2026-09-22T08:00:00+08:00,2026-09-22T09:00:00+08:00,deepseek-v4-pro,Alice,sk-abc***xyz,input_cache_miss_tokens,0.0000045,1000000
                u1,2026-09-22T08:00:00+08:00,2026-09-22T09:00:00+08:00,deepseek-v4-pro,Alice,sk-abc***xyz,output_tokens,0.0000135,1000000

                """#),
        Sample(
            format: "helicone_csv", parsed: 1, skipped: 0, cost: 100_000_000,
            text: #"""
                response_id,response_created_at,response_status,request_created_at,request_body,request_properties,request_user_id,model,prompt_tokens,completion_tokens,latency,cost
                "r1","2026-01-02T00:00:01Z","200","2026-01-02T00:00:00Z","{""model"":""gpt-4o"",""messages"":[{""role"":""user"",""content"":""hi""}]}","{""appname"":""a""}","u1","gpt-4o","10","5","900","0.0001"

                """#),
        Sample(
            format: "litellm_spend_logs", parsed: 1, skipped: 0, cost: 1_230_000_000,
            text: #"""
                {"request_id":"chatcmpl-1","call_type":"acompletion","api_key":"88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b","spend":0.00123,"total_tokens":150,"prompt_tokens":100,"completion_tokens":50,"startTime":"2026-06-01T10:00:00.000Z","endTime":"2026-06-01T10:00:01.500Z","request_duration_ms":1500,"completionStartTime":"2026-06-01T10:00:00.400Z","model":"gpt-4o-mini","model_id":"","model_group":"gpt-4o-mini","custom_llm_provider":"openai","api_base":"https://api.openai.com","user":"u1","metadata":{"additional_usage_values":{"cache_read_input_tokens":0}},"cache_hit":"False","cache_key":"Cache OFF","request_tags":["team:a"],"team_id":"t1","organization_id":null,"end_user":"","requester_ip_address":"","messages":{},"response":{},"session_id":null,"status":"success"}

                """#),
        Sample(
            format: "openai_activity_csv", parsed: 2, skipped: 0, cost: 247_260_000_000,
            text: #"""
                start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens,input_text_tokens,output_text_tokens,input_cached_text_tokens,input_audio_tokens,input_cached_audio_tokens,output_audio_tokens,input_image_tokens,input_cached_image_tokens,output_image_tokens
                1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,proj_A,10.0,user-A,key_A,gpt-4o-2024-08-06,FALSE,default,59200.0,10646.0,5760.0,53440.0,53440.0,10646.0,5760.0,0.0,0.0,0.0,0.0,0.0,0.0
                1759881600,1759968000,2025-10-08T00:00:00+00:00,2025-10-09T00:00:00+00:00,,,,,,,,,,,,,,,,,,,,

                """#),
        Sample(
            format: "openai_cost_csv", parsed: 3, skipped: 0, cost: 1_236_774_000_000,
            text: #"""
                start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id,organization_id,organization_name
                1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,0.8958740000000000,usd,"gpt-4o-2024-08-06, input",proj_A,org-A,Personal
                1759708800,1759795200,2025-10-06T00:00:00+00:00,2025-10-07T00:00:00+00:00,,,,,,
                1759795200,1759881600,2025-10-07T00:00:00+00:00,2025-10-08T00:00:00+00:00,0.34090000000000000,usd,"gpt-5-mini-2025-08-07, output",proj_A,org-A,Personal

                """#),
        Sample(
            format: "openai_costs_json", parsed: 1, skipped: 0, cost: 60_000_000_000,
            text: #"""
                {"object":"page","data":[{"object":"bucket","start_time":1730419200,"end_time":1730505600,"results":[{"object":"organization.costs.result","amount":{"value":0.06,"currency":"usd"},"line_item":"gpt-4o-mini-2024-07-18, input","project_id":"proj_A","api_key_id":null,"quantity":10000,"quantity_unit":"tokens"}]}],"has_more":false,"next_page":null}

                """#),
        Sample(
            format: "openai_empty_csv", parsed: 1, skipped: 0, cost: 0,
            text: #"""
                start_time,end_time,start_time_iso,end_time_iso
                1735689600,1735776000,2025-01-01T00:00:00+00:00,2025-01-02T00:00:00+00:00

                """#),
        Sample(
            format: "openai_usage_json", parsed: 2, skipped: 0, cost: 420_000_000,
            text: #"""
                {"object":"page","data":[{"object":"bucket","start_time":1730419200,"end_time":1730505600,"results":[{"object":"organization.usage.completions.result","input_tokens":1000,"input_cached_tokens":400,"input_cache_write_tokens":100,"input_uncached_tokens":500,"output_tokens":500,"input_text_tokens":400,"output_text_tokens":400,"input_cached_text_tokens":300,"input_audio_tokens":50,"input_cached_audio_tokens":50,"output_audio_tokens":50,"input_image_tokens":50,"input_cached_image_tokens":50,"output_image_tokens":50,"num_model_requests":5,"project_id":"proj_A","user_id":null,"api_key_id":"key_A","model":"gpt-4o-mini-2024-07-18","batch":false,"service_tier":"default"}]},{"object":"bucket","start_time":1730505600,"end_time":1730592000,"results":[]}],"has_more":false,"next_page":null}

                """#),
        Sample(
            format: "openrouter_api_json", parsed: 1, skipped: 0, cost: 15_000_000_000,
            text: #"""
                {"data":[{"date":"2025-08-24","model":"openai/gpt-4.1","model_permaslug":"openai/gpt-4.1-2025-04-14","endpoint_id":"550e8400-e29b-41d4-a716-446655440000","provider_name":"OpenAI","usage":0.015,"byok_usage_inference":0.012,"requests":5,"prompt_tokens":50,"completion_tokens":125,"reasoning_tokens":25}]}

                """#),
        Sample(
            format: "openrouter_daily_csv", parsed: 1, skipped: 0, cost: 430_070_000_000_000,
            text: #"""
                Date,Slug,Usage,BYOK Usage,Requests,Prompt Tokens,Completion Tokens,Reasoning Tokens
                "2026-05-12 00:00:00","anthropic/claude-opus-4.7","430.07","0","4115","70965665","3009973","0"

                """#),
    ]
}
