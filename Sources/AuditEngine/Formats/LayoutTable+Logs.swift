extension LayoutTable {
    /// Logs of gateways and tracing tools, and bills of smaller providers; tried after `text`.
    static let logs: StaticString = """
        format litellm_daily wide - inside
        need spend prompt_tokens date api_requests
        time date
        key api_key
        model model
        provider custom_llm_provider
        input prompt_tokens
        output completion_tokens
        cache_read cache_read_input_tokens
        cache_write cache_creation_input_tokens
        cost spend
        requests api_requests
        user user_id
        project team_id organization_id
        format litellm_spend_logs wide - inside
        need spend prompt_tokens startTime
        request request_id
        time startTime
        end endTime
        cost spend
        input prompt_tokens
        output completion_tokens
        latency request_duration_ms
        model model
        provider custom_llm_provider
        key api_key
        user user
        project team_id
        cache_read metadata.additional_usage_values.cache_read_input_tokens
        cache_write metadata.additional_usage_values.cache_creation_input_tokens
        success status
        body messages
        kind cache_hit
        format helicone_csv wide - inside
        need response_id request_created_at prompt_tokens
        request response_id
        time request_created_at
        status response_status
        body request_body
        user request_user_id
        model model
        input prompt_tokens
        output completion_tokens
        latency latency
        cost cost
        format helicone_jsonl wide - inside
        need request_id request_created_at prompt_tokens
        need request_id request_created_at completion_tokens
        request request_id
        time request_created_at
        status response_status
        body request_body
        user request_user_id
        model request_model model
        provider provider
        input prompt_tokens
        cache_read prompt_cache_read_tokens
        cache_write prompt_cache_write_tokens
        output completion_tokens
        latency delay_ms latency
        first_byte time_to_first_token
        cost costUSD cost
        format langfuse wide - inside
        need traceId type startTime usageDetails
        need traceId startTime usageDetails
        request id
        session traceId
        time startTime
        end endTime
        event type
        model providedModelName model
        user userId
        project environment
        body input
        parameters modelParameters
        usage_details usageDetails
        cost_details costDetails
        cost totalCost
        latency latencyMs
        latency_s latency
        first_byte timeToFirstTokenMs
        success level
        format portkey wide - inside
        need ai_model req_units res_units
        request id
        time created_at
        model ai_model
        provider ai_org
        input req_units
        output res_units
        cents cost
        currency cost_currency
        latency response_time
        status response_status_code
        body request
        format deepseek_amount billing deepseek beside
        need model type price amount
        time start_time_iso utc_date
        end end_time_iso
        model model
        kind type
        price price
        amount amount
        key api_key_name
        user user_id
        format deepseek_cost billing deepseek beside
        need model wallet_type cost currency
        time start_time_iso utc_date
        end end_time_iso
        model model
        cost cost
        currency currency
        user user_id
        format cursor wide - beside
        need date model max_mode kind
        time date
        user user
        kind kind
        model model
        total total_tokens tokens
        input_with_write input_w_cache_write
        uncached input_wo_cache_write
        cache_read cache_read
        output output_tokens
        cost cost
        format one_api wide - inside
        need quota token_name model_name prompt_tokens
        request id
        time created_at
        event type
        user username
        key token_name
        model model_name
        quota quota
        input prompt_tokens
        output completion_tokens
        latency_s elapsed_time
        streamed is_stream
        format focus billing - inside
        need billedCost chargePeriodStart
        time chargePeriodStart
        end chargePeriodEnd
        cost billedCost
        currency billingCurrency
        service serviceName x_SkuMeterCategory
        sku x_SkuMeterName chargeDescription skuId
        amount consumedQuantity
        unit consumedUnit
        cost_type chargeCategory
        project subAccountName subAccountId
        key resourceName resourceId
        """

    /// Names that mean a field in files of no known format; a row needs a model or a time, and tokens or a cost.
    static let synonyms: StaticString = """
        format generic wide - inside
        time timestamp time date datetime created_at created createdat start_time starttime started_at request_time day ts utc_date usage_date
        end end_time endtime ended_at
        model model model_name modelname model_id modelid model_version engine llm deployment
        provider provider vendor custom_llm_provider model_provider organization_provider
        key api_key apikey key key_name api_key_name api_key_id token_name
        user user user_id userid username email user_email customer
        project project project_id project_name team team_id workspace app app_name application department
        requests requests request_count num_requests num_model_requests calls n_requests api_requests
        request request_id requestid id generation_id trace_id
        input input_tokens prompt_tokens tokens_in tokens_prompt inputtokens prompttokens tokens_input in_tokens n_prompt_tokens usage.input_tokens usage.prompt_tokens prompt_token_count
        uncached input_uncached_tokens uncached_input_tokens usage_input_tokens_no_cache
        cache_read cached_tokens input_cached_tokens cache_read_input_tokens cached_input_tokens cache_read_tokens cache_read tokens_cached usage.cache_read_input_tokens usage.prompt_tokens_details.cached_tokens
        cache_write cache_creation_input_tokens cache_write_tokens cache_creation_tokens cache_write usage.cache_creation_input_tokens
        output output_tokens completion_tokens tokens_out tokens_completion outputtokens completiontokens tokens_output out_tokens n_completion_tokens usage.output_tokens usage.completion_tokens candidates_token_count
        reasoning reasoning_tokens output_reasoning_tokens reasoning_output_tokens thoughts_token_count
        total total_tokens tokens totaltokens usage.total_tokens
        cost cost cost_usd costusd spend amount_usd total_cost totalcost usd price_usd charge total_cost_usd amount_value
        currency currency cost_currency
        status status status_code http_status response_status statuscode
        finish finish_reason stop_reason
        latency latency_ms latency duration_ms response_time_ms elapsed_ms
        body messages prompt request_body request input
        streamed stream streamed is_stream
        tier service_tier tier
        """
}
