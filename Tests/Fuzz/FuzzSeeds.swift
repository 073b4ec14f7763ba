/// What mutation begins with: a piece of everything a dialect has.
enum FuzzSeeds {
    static func of(_ subject: FuzzSubject) -> [[UInt8]] {
        if subject == .frames { return frames }
        let texts =
            switch subject {
            case .json: answers + requests + [#"[0,-1.5e3,"a\u00e9\ud83d\ude00\n",{"k":[[],{}]},null,true,false]"#]
            case .events, .streams: streams
            case .answers: answers
            case .requests: requests
            case .errors: errors
            case .forms: forms
            case .frames: [] as [String]
            }
        return texts.map { Array($0.utf8) }
    }

    private static let forms = [
        "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--b\r\ncontent-disposition: form-data; name=file; "
            + "filename=\"a\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n--\r\n--b\r\nContent-Disposition: form-data; name=\"n\""
            + "\r\n\r\n3\r\n--b--\r\n"
    ]

    /// A text in fragments around a ping, a binary message of 200 bytes and a close: masked, and not.
    private static let frames: [[UInt8]] = [
        [0x01, 0x82, 1, 2, 3, 4, 0x60, 0xe0, 0x89, 0x80, 9, 9, 9, 9, 0x80, 0x82, 0, 0, 0, 0, 0x82, 0xac]
            + [0x82, 0xfe, 0, 200, 7, 7, 7, 7] + [UInt8](repeating: 1, count: 200) + [0x88, 0x82, 0, 0, 0, 0, 3, 0xe8],
        [0x01, 0x01, 0x61, 0x80, 0x00, 0x82, 0x7e, 0, 200] + [UInt8](repeating: 1, count: 200) + [0x88, 0x02, 3, 0xe8],
    ]

    private static func events(_ datas: [String]) -> String { datas.map { "data: \($0)\n\n" }.joined() }

    static let streams = [
        events([
            #"{"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"a\ud83d\ude00"},"logprobs":{"content":[{"token":"a","logprob":-1}]}}]}"#,
            #"{"id":"c1","choices":[{"index":0,"delta":{"reasoning_content":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"S=="},{"type":"reasoning.encrypted","id":"rs_1","data":"gA=="}]}}]}"#,
            #"{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"x","type":"function","function":{"name":"f","arguments":""}},{"index":1,"id":"y","type":"custom","custom":{"name":"g","input":"free"}}]}}]}"#,
            #"{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":[1,\"}\"]}"}}],"annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":0,"end_index":1}}],"refusal":"no","images":[{"image_url":{"url":"data:image/png;base64,AAAA"}}]}}]}"#,
            #"{"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
            #"{"id":"c1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":3}}}"#,
            "[DONE]",
        ]),
        events([
            #"{"type":"message_start","message":{"id":"msg_1","model":"c","usage":{"input_tokens":5,"cache_creation":{"ephemeral_1h_input_tokens":2},"output_tokens":1}}}"#,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"Si\/g=="}}"#,
            #"{"type":"content_block_stop","index":0}"#,
            #"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"EmwK"}}"#,
            #"{"type":"content_block_stop","index":1}"#,
            #"{"type":"content_block_start","index":2,"content_block":{"type":"text","text":"a"}}"#,
            #"{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"u","title":"t","cited_text":"c"}}}"#,
            #"{"type":"content_block_stop","index":2}"#,
            #"{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}}"#,
            #"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"a\": 1}"}}"#,
            #"{"type":"content_block_stop","index":3}"#,
            #"{"type":"content_block_start","index":4,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}"#,
            #"{"type":"content_block_stop","index":4}"#, #"{"type":"ping"}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":11}}"#,
            #"{"type":"message_stop"}"#,
        ]),
        events([
            #"{"type":"response.created","response":{"id":"resp_1","model":"m","status":"in_progress","output":[]}}"#,
            #"{"type":"response.output_item.added","output_index":0,"item":{"id":"i0","type":"reasoning","summary":[]}}"#,
            #"{"type":"response.reasoning_summary_text.delta","output_index":0,"item_id":"i0","summary_index":0,"delta":"One"}"#,
            #"{"type":"response.output_item.done","output_index":0,"item":{"id":"i0","type":"reasoning","summary":[{"text":"One"}],"encrypted_content":"gA=="}}"#,
            #"{"type":"response.output_item.added","output_index":1,"item":{"id":"i1","type":"message","content":[]}}"#,
            #"{"type":"response.output_text.delta","output_index":1,"item_id":"i1","content_index":0,"delta":"Hi","logprobs":[{"token":"Hi"}]}"#,
            #"{"type":"response.refusal.delta","output_index":1,"item_id":"i1","content_index":1,"delta":"no"}"#,
            #"{"type":"response.output_text.annotation.added","output_index":1,"item_id":"i1","content_index":0,"annotation":{"type":"url_citation","url":"u"}}"#,
            #"{"type":"response.output_item.done","output_index":1,"item":{"id":"i1","type":"message","content":[{"type":"output_text","text":"Hi"}]}}"#,
            #"{"type":"response.output_item.added","output_index":2,"item":{"id":"i2","type":"function_call","call_id":"c1","name":"f","arguments":""}}"#,
            #"{"type":"response.function_call_arguments.delta","output_index":2,"item_id":"i2","delta":"{\"a\":1}"}"#,
            #"{"type":"response.output_item.done","output_index":2,"item":{"id":"i2","type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"}}"#,
            #"{"type":"response.output_item.done","output_index":3,"item":{"id":"i3","type":"image_generation_call","result":"AAAA"}}"#,
            #"{"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[],"usage":{"input_tokens":10,"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3}}}}"#,
        ]),
        events([
            #"{"candidates":[{"content":{"parts":[{"text":"see","thought":true},{"text":"Gr\u00fc","thoughtSignature":"c2ln"}],"role":"model"}}],"modelVersion":"g","responseId":"r"}"#,
            #"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"x":"}"}},"thoughtSignature":"QUJD"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"executableCode":{"code":"1"}}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"u","title":"t"}}],"groundingSupports":[{"segment":{"startIndex":0,"endIndex":2,"text":"Gr"},"groundingChunkIndices":[0]}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":5,"thoughtsTokenCount":7},"responseId":"r"}"#,
        ]),
        "[" + #"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"responseId":"r"}"# + "]",
        "\u{feff}: hi\r\nevent: x\rdata:{\"a\":\ndata:1}\r\n\r\nid: 1\nretry: 5\n\n",
        events([#"{"error":{"message":"x"}}"#]),
    ]

    static let answers = [
        #"{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":[{"type":"text","text":"a"}],"reasoning":"hm","refusal":"no","tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"x","custom":{"name":"g","input":"t"}}],"function_call":{"name":"h","arguments":"{"},"audio":{"transcript":"t","data":"AA=="}},"finish_reason":"length","logprobs":{"content":[]}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
        #"{"id":"msg","type":"message","model":"c","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"a","citations":[{"type":"char_location","cited_text":"c"}]},{"type":"tool_use","id":"t","name":"f","input":{"a":1}},{"type":"web_search_tool_result","content":[]}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}"#,
        #"{"id":"resp","model":"m","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"id":"i","type":"reasoning","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"g"},{"type":"message","content":[{"type":"output_text","text":"a","annotations":[{"type":"file_citation"}]},{"type":"refusal","refusal":"n"}]},{"type":"custom_tool_call","call_id":"c","name":"g","input":"t"}],"usage":{"input_tokens":1,"output_tokens":2}}"#,
        #"{"candidates":[{"content":{"parts":[{"text":"a"},{"functionCall":{"name":"f","args":{}}}]},"finishReason":"SAFETY","citationMetadata":{"citationSources":[{"uri":"u"}]}}],"promptFeedback":{"blockReason":"OTHER"},"usageMetadata":{"promptTokenCount":1}}"#,
    ]

    static let requests = [
        #"{"model":"m","messages":[{"role":"system","content":"s"},{"role":"developer","content":[{"type":"text","text":"d"}]},{"role":"user","content":[{"type":"text","text":"u"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA","filename":"f"}},{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]},{"role":"assistant","content":null,"reasoning_details":[{"type":"reasoning.text","text":"t","signature":"s"}],"tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"x","content":"r"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":["integer","null"]}}},"strict":true}},{"type":"custom","custom":{"name":"g"}}],"tool_choice":{"type":"function","function":{"name":"f"}},"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"$ref":"\u0023/$defs/a","$defs":{"a":{"type":"object"}}}}},"stop":["a"],"temperature":1.5,"max_tokens":5,"reasoning_effort":"high","logit_bias":{"1":2},"stream":true}"#,
        #"{"model":"m","max_tokens":5,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"},"title":"t","citations":{"enabled":true}},{"type":"image","source":{"type":"url","url":"u"}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"tool_use","id":"x","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"x","is_error":true,"content":[{"type":"text","text":"r"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]}]}],"tools":[{"name":"f","input_schema":{"type":"object"}},{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"thinking":{"type":"enabled","budget_tokens":1024},"stop_sequences":["a"],"top_k":3,"output_config":{"format":{"type":"json_schema","schema":{}}}}"#,
        #"{"model":"m","instructions":"s","input":[{"role":"user","content":[{"type":"input_text","text":"u"},{"type":"input_image","image_url":"u"},{"type":"input_file","file_data":"data:a/b;base64,AA=="}]},{"type":"reasoning","id":"rs","summary":[],"encrypted_content":"tacet-signed:x"},{"type":"function_call","call_id":"c","name":"f","arguments":"{"},{"type":"function_call_output","call_id":"c","output":"r"},{"type":"custom_tool_call","call_id":"d","name":"g","input":"t"},{"type":"custom_tool_call_output","call_id":"d","output":"r"},{"type":"item_reference","id":"i"}],"tools":[{"type":"function","name":"f","parameters":{}},{"type":"web_search"},{"type":"custom","name":"g"}],"text":{"format":{"type":"json_object"}},"reasoning":{"effort":"low"},"store":true,"previous_response_id":"p"}"#,
        #"{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"u"},{"inlineData":{"mimeType":"image/png","data":"AA=="}},{"fileData":{"fileUri":"u"}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"s"},{"text":"t","thought":true}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"r"}}}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}}}]},{"googleSearch":{}}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},"generationConfig":{"maxOutputTokens":5,"thinkingConfig":{"thinkingBudget":-1},"responseMimeType":"application/json","responseSchema":{"type":"OBJECT"},"stopSequences":["a"]},"safetySettings":[]}"#,
    ]

    static let errors = [
        #"{"error":{"message":"m","type":"t","code":"c","param":"p"}}"#,
        #"{"type":"error","error":{"type":"overloaded_error","message":"m"},"request_id":"r"}"#,
        #"[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34.07s"}]}}]"#,
        #"{"error":"m"}"#, #"{"message":"m","detail":[{"loc":["a"]}]}"#, "<html>busy</html>",
    ]
}
