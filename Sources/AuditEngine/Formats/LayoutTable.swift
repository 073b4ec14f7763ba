/// Every format, in the order in which they are tried. A format is told by the names it needs, never by a file's name.
///
/// `format NAME STYLE PROVIDER CACHE`: how its rows are read, whose prices hold (`-`: the row tells), and whether cached
/// tokens stand inside the input count or beside it. `need`: all names of one such line must be there. Then a field and
/// the names it may bear. Names are compared in small letters and digits only; a point parts nested members.
enum LayoutTable {
    static let text: StaticString = """
        format claude_code agent anthropic beside
        need sessionId type uuid
        need message.usage.input_tokens message.id requestId
        event type
        time timestamp
        session sessionId
        project cwd
        request requestId
        sidechain isSidechain
        message message.id
        model message.model
        uncached message.usage.input_tokens
        cache_write message.usage.cache_creation_input_tokens
        cache_write_5m message.usage.cache_creation.ephemeral_5m_input_tokens
        cache_write_1h message.usage.cache_creation.ephemeral_1h_input_tokens
        cache_read message.usage.cache_read_input_tokens
        output message.usage.output_tokens
        tier message.usage.service_tier
        speed message.usage.speed
        geography message.usage.inference_geo
        searches message.usage.server_tool_use.web_search_requests
        format codex agent openai inside
        need timestamp type payload
        event type
        time timestamp
        kind payload.type
        model payload.model
        session payload.id
        project payload.cwd
        input payload.info.last_token_usage.input_tokens
        cache_read payload.info.last_token_usage.cached_input_tokens
        cache_write payload.info.last_token_usage.cache_write_input_tokens
        output payload.info.last_token_usage.output_tokens
        reasoning payload.info.last_token_usage.reasoning_output_tokens
        running_input payload.info.total_token_usage.input_tokens
        running_cached payload.info.total_token_usage.cached_input_tokens
        running_output payload.info.total_token_usage.output_tokens
        running_reasoning payload.info.total_token_usage.reasoning_output_tokens
        format tacet_receipts wide - beside
        need provider_cost_nano_usd tokens
        time time created_at
        model served_model model
        provider provider
        key key_id
        status status
        nano provider_cost_nano_usd
        uncached tokens.input
        cache_read tokens.cache_read
        cache_write_5m tokens.cache_write_5m
        cache_write_1h tokens.cache_write_1h
        input_audio tokens.input_audio
        input_image tokens.input_image
        output tokens.output
        reasoning tokens.reasoning
        output_audio tokens.output_audio
        output_image tokens.output_image
        format openai_costs_json billing openai inside
        need start_time results.amount.value
        need start_time result.amount.value
        time start_time
        end end_time
        children results result
        cost amount.value
        currency amount.currency
        sku line_item
        project project_name project_id
        key api_key_id
        amount quantity
        unit quantity_unit
        format openai_usage_json wide openai inside
        need start_time results.num_model_requests
        need start_time result.num_model_requests
        need start_time results.object
        time start_time
        end end_time
        children results result
        requests num_model_requests num_requests
        input input_tokens
        cache_read input_cached_tokens
        cache_write input_cache_write_tokens
        input_audio input_audio_tokens
        input_image input_image_tokens
        output output_tokens
        output_audio output_audio_tokens
        output_image output_image_tokens
        project project_id
        user user_id
        key api_key_id
        model model
        batch batch
        tier service_tier
        images images
        characters characters
        seconds seconds
        format anthropic_cost_json billing anthropic beside
        need starting_at results.amount
        time starting_at
        end ending_at
        children results
        cents amount
        currency currency
        kind token_type
        cost_type cost_type
        sku model
        project workspace_id
        tier service_tier
        context context_window
        geography inference_geo
        format anthropic_usage_json wide anthropic beside
        need starting_at results.uncached_input_tokens
        time starting_at
        end ending_at
        children results
        uncached uncached_input_tokens
        cache_write_5m cache_creation.ephemeral_5m_input_tokens
        cache_write_1h cache_creation.ephemeral_1h_input_tokens
        cache_read cache_read_input_tokens
        output output_tokens
        searches server_tool_use.web_search_requests
        model model
        key api_key_id
        project workspace_id
        user account_id
        tier service_tier
        context context_window
        geography inference_geo
        speed speed
        format openai_empty_json empty openai inside
        need object start_time end_time results
        format anthropic_empty_json empty anthropic beside
        need starting_at ending_at results
        format openai_cost_csv billing openai inside
        need start_time amount_value
        time start_time start_time_iso
        end end_time end_time_iso
        cost amount_value
        currency amount_currency
        sku line_item
        project project_name project_id
        key api_key_id
        user organization_id
        format openai_activity_csv wide openai inside
        need start_time num_model_requests
        time start_time start_time_iso
        end end_time end_time_iso
        project project_id
        requests num_model_requests num_requests
        user user_id
        key api_key_id
        model model
        batch batch
        tier service_tier
        input input_tokens
        cache_read input_cached_tokens
        cache_write input_cache_write_tokens
        input_audio input_audio_tokens
        input_image input_image_tokens
        output output_tokens
        output_audio output_audio_tokens
        output_image output_image_tokens
        images images
        characters characters
        seconds seconds
        format openai_empty_csv empty openai inside
        need start_time end_time start_time_iso end_time_iso
        format openai_legacy_json wide openai inside
        need aggregation_timestamp n_requests snapshot_id
        time aggregation_timestamp
        requests n_requests
        model snapshot_id
        input n_context_tokens_total
        cache_read n_cached_context_tokens_total
        output n_generated_tokens_total
        user email
        key api_key_name api_key_id
        project project_id
        format anthropic_tokens_csv wide anthropic beside
        need usage_date_utc model_version usage_input_tokens_no_cache
        need usage_date_utc model cache_creation_input_tokens
        time usage_date_utc
        model model_version model
        key api_key
        project workspace
        tier usage_type
        context context_window
        uncached usage_input_tokens_no_cache input_tokens
        cache_write_5m usage_input_tokens_cache_write_5m cache_creation_input_tokens
        cache_write_1h usage_input_tokens_cache_write_1h
        cache_read usage_input_tokens_cache_read cache_read_input_tokens
        output usage_output_tokens output_tokens
        searches web_search_count
        geography inference_geo
        speed speed
        format anthropic_cost_csv billing anthropic beside
        need usage_date_utc token_type cost_usd
        time usage_date_utc
        sku model
        project workspace
        key api_key
        tier usage_type
        context context_window
        kind token_type
        cost cost_usd
        cost_type cost_type
        geography inference_geo
        speed speed
        key_status api_key_status
        format google_bigquery billing gemini inside
        need service.description sku.description cost
        need service_description sku_description usage_start_time cost
        time usage_start_time
        end usage_end_time
        service service.description service_description
        sku sku.description sku_description
        cost cost
        currency currency
        amount usage.amount usage_amount
        unit usage.unit usage_unit
        project project.id project_id
        cost_type cost_type
        credits credits
        format google_cost_table billing gemini inside
        need sku_description service_description cost_type usage_amount
        time usage_start_date
        service service_description
        sku sku_description
        cost unrounded_cost unrounded_cost_usd cost
        amount usage_amount
        unit usage_unit
        project project_id project_name
        cost_type cost_type
        kind credit_type
        format azure_costs billing azure inside
        need meterCategory meterName costInBillingCurrency
        need meterCategory meterName preTaxCost
        need meterCategory meterName cost quantity
        time date usageDateTime
        service meterCategory
        sku meterName
        cost costInBillingCurrency preTaxCost cost
        usd costInUsd
        currency billingCurrency billingCurrencyCode currency
        amount quantity usageQuantity
        unit unitOfMeasure
        project resourceGroup resourceGroupName
        key resourceId instanceId
        cost_type chargeType
        provider productName product
        format openrouter_daily_csv wide openrouter inside
        need date slug usage byok_usage prompt_tokens
        time date
        model slug
        cost usage
        byok byok_usage
        requests requests
        input prompt_tokens
        output completion_tokens
        reasoning reasoning_tokens
        format openrouter_generations_csv wide openrouter inside
        need generation_id tokens_prompt model_permaslug
        request generation_id
        time created_at
        cost cost_total
        byok byok_usage_inference
        input tokens_prompt
        output tokens_completion
        reasoning tokens_reasoning
        cache_read tokens_cached
        model model_permaslug
        cancelled cancelled
        streamed streamed
        user user
        finish finish_reason_normalized
        latency generation_time_ms
        first_byte time_to_first_token_ms
        key_status api_key_disabled
        key api_key_name
        project app_name
        format openrouter_api_json wide openrouter inside
        need date model_permaslug usage prompt_tokens
        time date
        model model_permaslug
        cost usage
        byok byok_usage_inference
        requests requests
        input prompt_tokens
        output completion_tokens
        reasoning reasoning_tokens
        project workspace_id
        """
}
