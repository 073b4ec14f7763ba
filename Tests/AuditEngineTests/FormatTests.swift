import AuditEngine
import Testing
import Vocabulary

/// Formats of which only headers are public: invented rows under them, amounts by hand.
@Suite struct FormatTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var format: String
        var parsed: Int64
        var skipped: Int64 = 0
        var cost: Int128
        var input: Int64 = 0
        var output: Int64 = 0
        var text: String
        var testDescription: String { format }
    }

    static let cases: [Case] = [
        Case(
            format: "codex", parsed: 2, skipped: 4, cost: 1_000 * 1_250_000 + 500 * 125_000 + 300 * 10_000_000,
            input: 1500, output: 300,
            text: #"""
                {"timestamp":"2026-02-01T10:00:00.000Z","type":"session_meta","payload":{"id":"s1","cwd":"/p"}}
                {"timestamp":"2026-02-01T10:00:01.000Z","type":"turn_context","payload":{"model":"gpt-5-codex","effort":"high"}}
                {"timestamp":"2026-02-01T10:00:02.000Z","type":"event_msg","payload":{"type":"token_count","info":null}}
                {"timestamp":"2026-02-01T10:00:03.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":1000,"cached_input_tokens":400,"output_tokens":200,"total_tokens":1200},"last_token_usage":{"input_tokens":1000,"cached_input_tokens":400,"output_tokens":200,"reasoning_output_tokens":50}}}}
                {"timestamp":"2026-02-01T10:00:04.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":1000,"cached_input_tokens":400,"output_tokens":200,"total_tokens":1200},"last_token_usage":{"input_tokens":1000,"cached_input_tokens":400,"output_tokens":200,"reasoning_output_tokens":50}}}}
                {"timestamp":"2026-02-01T10:00:05.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":1500,"cached_input_tokens":500,"output_tokens":300,"total_tokens":1800},"last_token_usage":{"input_tokens":500,"cached_input_tokens":100,"output_tokens":100}}}}
                """#),
        Case(
            format: "google_cost_table", parsed: 2, skipped: 3, cost: 4_500_000_000_000, input: 1_250_000,
            text: """
                Invoice number,1234567890,
                Invoice date,2026-06-30,
                Currency,USD,
                Total amount due,$5.72,
                Billing account name,Project ID,Service description,SKU description,Credit type,Cost type,Usage start date,Usage amount,Usage unit,Unrounded Cost ($),Cost ($)
                A,p1,Vertex AI,Gemini 2.5 Pro Text Input - Predictions,,Usage,2026-06-01,"1,250,000",count,"$5.00",5.00
                A,p1,Vertex AI,Gemini 2.5 Pro Text Input - Predictions,PROMOTION,Credit,2026-06-01,0,count,-0.5,-0.50
                A,p1,Compute Engine,N1 core,,Usage,2026-06-01,"6,282.708",hour,1000.005,1000.01
                ,,,,,Rounding error,,,,-0.003441,-0.00
                ,,,,,Total,,,,1004.50,1004.50
                """),
        Case(
            format: "google_bigquery", parsed: 1, cost: 1_750_000_000_000, input: 2_000_000,
            text: #"""
                {"service":{"id":"C7E2","description":"Vertex AI"},"sku":{"id":"A","description":"Gemini 2.5 Pro Text Input - Predictions"},"usage_start_time":"2026-06-01 00:00:00 UTC","project":{"id":"p"},"cost":2.5,"currency":"USD","usage":{"amount":2000000,"unit":"count"},"credits":[{"name":"c","amount":-0.5},{"name":"d","amount":-0.25}],"cost_type":"regular"}
                """#),
        Case(
            format: "azure_costs", parsed: 2, skipped: 1, cost: 3_250_000_000_000, input: 1_000_000, output: 50_000,
            text: """
                Date,MeterCategory,MeterSubCategory,MeterName,ResourceId,Quantity,UnitOfMeasure,EffectivePrice,CostInBillingCurrency,BillingCurrency,ChargeType,ProductName
                06/15/2026,Cognitive Services,Azure OpenAI,gpt 4o 1120 Inp glbl Tokens,/r,1000,1K,0.0025,2.50,USD,Usage,Azure OpenAI
                06/15/2026,Foundry Models,Azure OpenAI,GPT 5 outpt Glbl 1M Tokens,/r,0.05,1M,15,0.75,USD,Usage,Azure OpenAI GPT5
                06/15/2026,Virtual Machines,D,D2 v3,/r,24,1 Hour,0.1,2.4,USD,Usage,VM
                """),
        Case(
            format: "azure_costs", parsed: 1, cost: 1_500_500_000_000_000, input: 1_000_000,
            text: """
                date;meterCategory;meterName;quantity;unitOfMeasure;costInBillingCurrency;billingCurrency
                15.06.2026;Cognitive Services;gpt 4o 1120 Inp glbl Tokens;1.000,00;1K;1.500,50;USD
                """),
        // The columns of the cost details of 2023-12-01-preview; the bill in dollars stands beside the one in euros.
        Case(
            format: "azure_costs", parsed: 2, skipped: 1, cost: 1_325_000_000_000, input: 400_000, output: 20_000,
            text: #"""
                invoiceId,previousInvoiceId,billingAccountId,billingAccountName,billingProfileId,billingProfileName,invoiceSectionId,invoiceSectionName,resellerName,resellerMpnId,costCenter,billingPeriodEndDate,billingPeriodStartDate,servicePeriodEndDate,servicePeriodStartDate,date,serviceFamily,productOrderId,productOrderName,consumedService,meterId,meterName,meterCategory,meterSubCategory,meterRegion,ProductId,ProductName,SubscriptionId,subscriptionName,publisherType,publisherId,publisherName,resourceGroupName,ResourceId,resourceLocation,location,effectivePrice,quantity,unitOfMeasure,chargeType,billingCurrency,pricingCurrency,costInBillingCurrency,costInPricingCurrency,costInUsd,paygCostInBillingCurrency,paygCostInUsd,exchangeRatePricingToBilling,exchangeRateDate,isAzureCreditEligible,serviceInfo1,serviceInfo2,additionalInfo,tags,PayGPrice,frequency,term,reservationId,reservationName,pricingModel,unitPrice,costAllocationRuleName,benefitId,benefitName,provider
                ,,a,A,p,P,s,S,,,,06/30/2026,06/01/2026,06/30/2026,06/01/2026,06/15/2026,AI + Machine Learning,o,Azure plan,Microsoft.CognitiveServices,m1,gpt 4o 1120 Inp glbl Tokens,Foundry Models,Azure OpenAI,,p1,Azure OpenAI - gpt 4o,sub,Sub,Azure,,Microsoft,rg,/subscriptions/x/accounts/one,swedencentral,SE Central,0.0025,400,1K,Usage,EUR,USD,0.92,1.0,1.0,0.92,1.0,0.92,06/01/2026,True,,,,"""env"": ""prod""",0.0025,UsageBased,,,,OnDemand,0.0025,,,,Azure
                ,,a,A,p,P,s,S,,,,06/30/2026,06/01/2026,06/30/2026,06/01/2026,06/16/2026,AI + Machine Learning,o,Azure plan,Microsoft.CognitiveServices,m2,5.4 opt Gl 1M Tokens,Foundry Models,Azure OpenAI GPT5,,p2,Azure OpenAI GPT5 - 5.4,sub,Sub,Azure,,Microsoft,rg,/subscriptions/x/accounts/one,swedencentral,SE Central,16.25,0.02,1M,Usage,EUR,USD,0.299,0.325,0.325,0.299,0.325,0.92,06/01/2026,True,,,,,16.25,UsageBased,,,,OnDemand,16.25,,,,Azure
                ,,a,A,p,P,s,S,,,,06/30/2026,06/01/2026,06/30/2026,06/01/2026,06/16/2026,Storage,o,Azure plan,Microsoft.Storage,m3,LRS Data Stored,Storage,Blob,,p3,Blob,sub,Sub,Azure,,Microsoft,rg,/s,swedencentral,SE Central,0.02,10,1 GB/Month,Usage,EUR,USD,0.18,0.2,0.2,0.18,0.2,0.92,06/01/2026,True,,,,,0.02,UsageBased,,,,OnDemand,0.02,,,,Azure
                """#),
        // Azure's FOCUS export: consumed units are single tokens, though the meter is called by a million.
        Case(
            format: "focus", parsed: 1, skipped: 1, cost: 750_000_000_000, output: 50_000,
            text: """
                BilledCost,BillingAccountId,BillingCurrency,ChargeCategory,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,ResourceId,ResourceName,ServiceName,SkuId,SubAccountName,x_SkuMeterCategory,x_SkuMeterName
                0.75,a,USD,Usage,Azure OpenAI GPT5,2026-06-16T00:00:00Z,2026-06-15T00:00:00Z,50000,Units,/r,one,Azure AI Foundry Models,k,Sub,Foundry Models,GPT 5 outpt Glbl 1M Tokens
                2.4,a,USD,Usage,D2 v3,2026-06-16T00:00:00Z,2026-06-15T00:00:00Z,24,Hours,/v,vm,Virtual Machines,k,Sub,Virtual Machines,D2 v3
                """),
        Case(
            format: "openai_activity_csv", parsed: 3, cost: 160_000_000_000,
            text: """
                start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,images,source,size
                1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,proj_1,3.0,user-1,key_1,dall-e-3,4.0,image.generation,1024x1024
                1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,proj_1,2.0,user-1,key_1,image-model-nobody-prices,7.0,image.edit,1024x1024
                1759708800,1759795200,2025-10-06T00:00:00+00:00,2025-10-07T00:00:00+00:00,,,,,,,,
                """),
        Case(
            format: "openai_activity_csv", parsed: 1, cost: 1_500_000_000_000,
            text: """
                start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,characters
                1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,proj_1,12.0,user-1,key_1,tts-1,100000.0
                """),
        Case(
            format: "openai_usage_json", parsed: 2, cost: 220_000_000_000,
            text: #"""
                {"object":"page","data":[{"object":"bucket","start_time":1759622400,"end_time":1759708800,"results":[
                {"object":"organization.usage.audio_transcriptions.result","seconds":600,"num_model_requests":5,"project_id":"p","user_id":null,"api_key_id":null,"model":"gpt-4o-transcribe"},
                {"object":"organization.usage.images.result","images":4,"num_model_requests":3,"source":"image.generation","size":"1024x1024","project_id":"p","user_id":null,"api_key_id":null,"model":"dall-e-3"}]}],"has_more":false,"next_page":null}
                """#),
        Case(
            format: "openrouter_generations_csv", parsed: 2, cost: 12_300_000_000, input: 300, output: 30,
            text: """
                generation_id,created_at,cost_total,cost_web_search,cost_cache,cost_file_processing,byok_usage_inference,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,model_permaslug,provider_name,variant,cancelled,streamed,user,finish_reason_raw,finish_reason_normalized,generation_time_ms,time_to_first_token_ms,api_key_disabled,api_key_name,app_name
                gen-1,2026-06-28 03:46:57.713,0.0103,0,0,0,0,200,20,5,100,openai/gpt-4o,OpenAI,,false,true,,stop,stop,900,100,false,k,app
                gen-2,2026-06-28 03:46:59.713,0.002,0,0,0,0,100,10,0,0,openai/gpt-4o,OpenAI,,true,true,,,,400,100,true,k,app
                """),
        Case(
            format: "litellm_daily", parsed: 1, cost: 500_000_000_000, input: 1000, output: 100,
            text: """
                [{"date":"2026-06-01","api_key":"h","model":"gpt-4o","custom_llm_provider":"openai","prompt_tokens":1000,"completion_tokens":100,"cache_read_input_tokens":200,"cache_creation_input_tokens":0,"spend":0.5,"api_requests":5}]
                """),
        Case(
            format: "helicone_jsonl", parsed: 1, cost: 25_000_000_000, input: 100, output: 10,
            text: """
                {"request_id":"a","request_created_at":"2026-01-01T00:00:00Z","request_model":"gpt-4o","response_status":200,"prompt_tokens":100,"completion_tokens":10,"delay_ms":700,"costUSD":0.025}
                """),
        Case(
            format: "langfuse", parsed: 1, skipped: 1, cost: 5_000_000_000, input: 900, output: 90,
            text: #"""
                "id","traceId","type","startTime","providedModelName","usageDetails","totalCost","input"
                "o1","t1","GENERATION","2026-01-01T00:00:00Z","gpt-4o","{""input"":500,""input_cached_tokens"":400,""output"":90,""total"":990}","0.005","[{""role"":""user"",""content"":""hello, this is it""}]"
                "o2","t1","SPAN","2026-01-01T00:00:00Z","","{}","",""
                """#),
        Case(
            format: "portkey", parsed: 1, cost: 12_500_000_000, input: 100, output: 10,
            text: #"""
                {"id":"p","trace_id":"t","created_at":"2026-01-01T00:00:00Z","is_success":true,"ai_org":"openai","ai_model":"gpt-4o","req_units":100,"res_units":10,"total_units":110,"cost":1.25,"response_time":500,"response_status_code":200}
                """#),
        Case(
            format: "deepseek_cost", parsed: 1, cost: 0,
            text:
                "user_id,start_time_iso,end_time_iso,model,wallet_type,cost,currency\r\nu,2026-09-22T08:00:00+08:00,2026-09-22T09:00:00+08:00,deepseek-v4-pro,paid,1.5,CNY\r\n"
        ),
        Case(
            format: "cursor", parsed: 2, cost: 40_000_000_000, input: 4500, output: 100,
            text: """
                Date,User,Kind,Max Mode,Model,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost ($),Cloud Agent ID,Automation ID,Request Type,Requests
                "2026-03-01T00:00:00Z","a@b","usage","No","claude-4.5-sonnet",1500,1000,3000,100,4600,"$0.04",,,chat,1
                "2026-03-01T00:00:00Z","a@b","included","No","auto",0,0,0,0,0,"Included",,,chat,1
                """),
        Case(
            format: "one_api", parsed: 1, skipped: 1, cost: 2_000_000_000_000, input: 10, output: 5,
            text: #"""
                {"data":[{"id":1,"user_id":1,"created_at":1750000000,"type":2,"username":"u","token_name":"t","model_name":"gpt-4o","quota":1000000,"prompt_tokens":10,"completion_tokens":5},{"id":2,"user_id":1,"created_at":1750000000,"type":1,"username":"u","token_name":"","model_name":"","quota":500000,"prompt_tokens":0,"completion_tokens":0}]}
                """#),
        Case(
            format: "openai_legacy_json", parsed: 1, cost: 300 * 2_500_000 + 100 * 1_250_000 + 50 * 10_000_000,
            input: 400, output: 50,
            text: #"""
                {"object":"list","data":[{"aggregation_timestamp":1720000000,"n_requests":3,"operation":"completion","snapshot_id":"gpt-4o-2024-08-06","n_context_tokens_total":400,"n_cached_context_tokens_total":100,"n_generated_tokens_total":50,"email":"a@b","api_key_name":"k","project_id":"p"}]}
                """#),
        Case(
            format: "focus", parsed: 1, cost: 1_250_000_000_000,
            text: #"""
                {"BilledCost":"1.25","BillingCurrency":"USD","ChargePeriodStart":"2026-06-01T00:00:00Z","ChargePeriodEnd":"2026-06-02T00:00:00Z","ServiceName":"AI Gateway","SkuId":"x","ChargeCategory":"Usage"}
                """#),
        Case(
            format: "anthropic_tokens_csv", parsed: 1, cost: 1_000 * 1_000_000 + 10 * 5_000_000, input: 1000,
            output: 10,
            text:
                "Usage Date (UTC)\tModel\tInput Tokens\tCache Creation Input Tokens\tCache Read Input Tokens\tOutput Tokens\n2025-09-01\tclaude-haiku-4-5-20251001\t1000\t0\t0\t10\n"
        ),
        Case(
            format: "anthropic_cost_csv", parsed: 2, cost: 1_100_000_000_000,
            text: """
                usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,inference_geo,speed,api_key_id,api_key_status
                2026-08-05,Claude Sonnet 4.5,"Default, main",demo-key,message,≤ 200k,input_cache_read,0.10,1.00,token,not_available,,apikey_01BBB,archived
                2026-08-05,Claude Sonnet 4.5,"Default, main",demo-key,message,≤ 200k,output,1.00,1.00,token,not_available,,apikey_01BBB,archived
                """),
        Case(
            format: "google_bigquery", parsed: 2, cost: 1_250_000_000_000, output: 250_000,
            text: """
                billing_account_id,service_description,sku_description,usage_start_time,usage_end_time,project_id,cost,currency,usage_amount,usage_unit,cost_type
                A,Vertex AI,Gemini 2.5 Pro Text Output - Predictions,2026-06-01 00:00:00 UTC,2026-06-01 01:00:00 UTC,p,1.25,USD,125000,count,regular
                A,Vertex AI,Gemini 2.5 Pro Text Output - Predictions,2026-06-01 01:00:00 UTC,2026-06-01 02:00:00 UTC,p,0,USD,125000,count,regular
                """),
        Case(
            format: "litellm_spend_logs", parsed: 1, cost: 500_000_000_000, input: 100, output: 50,
            text: #"""
                request_id,call_type,api_key,spend,total_tokens,prompt_tokens,completion_tokens,startTime,endTime,model,custom_llm_provider,user,metadata,cache_hit,request_tags,team_id,end_user,messages,response,status
                r1,acompletion,h,0.5,150,100,50,2026-06-01 10:00:00.000,2026-06-01 10:00:01.500,gpt-4o,openai,u,"{""a"": 1}",False,"[""x""]",t,,{},{},failure
                """#),
        Case(
            format: "langfuse", parsed: 1, skipped: 1, cost: 5_000_000_000, input: 500, output: 90,
            text: #"""
                [{"id":"o1","traceId":"t1","startTime":"2026-01-01T00:00:00Z","endTime":"2026-01-01T00:00:02Z","type":"GENERATION","model":"gpt-4o","usageDetails":{"input":500,"output":90,"total":590},"costDetails":{"total":0.005},"totalCost":0.005},{"id":"o2","traceId":"t1","startTime":"2026-01-01T00:00:00Z","type":"SPAN","usageDetails":{}}]
                """#),
        // A limited export of Helicone's ends with a comma; its CSV doubles quotes twice.
        Case(
            format: "helicone_jsonl", parsed: 1, cost: 25_000_000_000, input: 100, output: 10,
            text: """
                [{"request_id":"a","request_created_at":"2026-01-01T00:00:00Z","request_model":"gpt-4o","response_status":200,"prompt_tokens":100,"completion_tokens":10,"costUSD":0.025},
                """),
        Case(
            format: "helicone_csv", parsed: 1, cost: 100_000_000, input: 10, output: 5,
            text: #"""
                response_id,response_created_at,response_status,request_created_at,request_body,request_properties,request_user_id,model,prompt_tokens,completion_tokens,latency,cost
                "r1","2026-01-02T00:00:01Z","200","2026-01-02T00:00:00Z","{""""model"""":""""gpt-4o""""}","{}","u1","gpt-4o","10","5","900","0.0001"
                """#),
        Case(
            format: "anthropic_tokens_csv", parsed: 1, cost: 1_000 * 3_000_000 + 10 * 15_000_000, input: 1000,
            output: 10,
            text: """
                usage_date_utc,model_version,api_key,workspace,usage_type,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count
                2025-06-01,claude-sonnet-4-20250514,k,Default,standard,1000,0,0,0,10,0
                """),
        Case(
            format: "deepseek_amount", parsed: 1, cost: 3_960_000_000_000, output: 1_000_000,
            text: """
                user_id,utc_date,model,api_key_name,api_key,type,price,amount
                u1,2026-09-22,deepseek-v4-pro,Alice,sk-abc,output_tokens,0.0000135,1000000
                """),
        Case(
            format: "generic", parsed: 2, cost: 100 * 2_500_000 + 10 * 10_000_000 + 2_000_000_000_000, input: 100,
            output: 10,
            text: """
                Timestamp;Model Name;Prompt Tokens;Completion Tokens;Cost USD
                2026-05-01;gpt-4o;100;10;
                2026-05-02;other;;;2,00
                """),
    ]

    @Test(arguments: cases) func isReadAsItsFormat(_ sample: Case) {
        let report = audit(sample.text)
        #expect(report.format == sample.format)
        #expect(report.parsed == sample.parsed, "\(report.jsonText)")
        #expect(report.skipped == sample.skipped, "\(report.jsonText)")
        #expect(report.pico == sample.cost)
        let classes = [UsageClass.input, .cacheRead, .cacheWrite5m, .cacheWrite1h, .inputAudio, .inputImage]
        #expect(classes.reduce(0) { $0 + report.tokens[$1.rawValue] } == sample.input)
        #expect(report.tokens[UsageClass.output.rawValue] == sample.output)
        for cut in [1, 7, 64] { #expect(audit(sample.text, cut: cut).jsonText == report.jsonText) }
    }
}
