// The one list of reasons. Each row: layer, name, who said no, meaning (for an operator), remedy (for an
// operator), and what the holder is told in Chinese and English. docs/reasons.md is this list as a page.
// clang-format off
#define YKT_REASONS(ROW) \
    /* wire: readers, cameras and what travels over them */ \
    ROW(wire, card_gone, medium, "The card left the field or the slot during the exchange.", "Ask the holder to present the card again and hold it still.", "请重新刷卡", "Present the card again") \
    ROW(wire, card_mute, medium, "A card is there but does not answer.", "Try again; a card that stays mute is damaged.", "卡片无响应，请重试", "Card does not answer, try again") \
    ROW(wire, no_card, medium, "No card lies in the reader.", "Put the card on the reader.", "请放卡", "Put your card on the reader") \
    ROW(wire, several_cards, medium, "More than one card is in the field of one lane.", "Ask the holder to present one card only.", "请只出示一张卡", "Present one card only") \
    ROW(wire, card_changed, medium, "Another card took the place of the one that was being read.", "Ask the holder to present one card and hold it still.", "请重新刷卡，勿换卡", "Present one card and hold it still") \
    ROW(wire, reader_gone, terminal, "The reader was unplugged or stopped answering.", "Check the reader's cable and power.", "读卡器未连接，请稍候", "Reader not connected, please wait") \
    ROW(wire, reader_silent, terminal, "The reader did not answer within its limit and was given up on.", "Unplug and replug the reader; restart pcscd if it stays silent.", "读卡器无响应，请稍候", "Reader does not respond, please wait") \
    ROW(wire, reader_busy, terminal, "Another program holds the reader.", "Stop the other program or give it another reader.", "读卡器被占用，请稍候", "Reader busy, please wait") \
    ROW(wire, service_gone, terminal, "The smart card service (pcscd) is not running or was restarted.", "Start pcscd; the terminal reconnects by itself.", "读卡服务未启动，请稍候", "Reader service unavailable, please wait") \
    ROW(wire, wire_timeout, terminal, "No answer or event before the deadline.", "Check the device named in the context.", "请重试", "Please try again") \
    ROW(wire, wire_failed, terminal, "The driver reported an error that has no meaning of its own here.", "See the context; report it if it repeats.", "设备故障，请稍候", "Device fault, please wait") \
    ROW(wire, camera_gone, terminal, "The camera or its source is unavailable.", "Check the camera's cable or the source's path.", "设备故障，请稍候", "Camera unavailable, please wait") \
    ROW(wire, frame_invalid, terminal, "An image or frame could not be read as luma.", "Check the image file or the camera's format.", "请重试", "Please try again") \
    ROW(wire, cancelled, terminal, "The wait was stopped because the terminal is stopping.", "None needed.", "暂停服务", "Out of service") \
    /* card: what the card or the SAM answered */ \
    ROW(card, apdu_malformed, medium, "An APDU is not of the form that ISO 7816-4 gives it.", "Present the card again; a card that repeats it is faulty or hostile.", "卡片异常，请重试", "Card error, try again") \
    ROW(card, answer_too_long, medium, "The card chained more answers (61xx/6Cxx) than the bound allows.", "Treat the card as faulty or hostile.", "卡片异常", "Card error") \
    ROW(card, tlv_malformed, medium, "A BER-TLV object is truncated, too long or nested too deep.", "Present the card again; a card that repeats it is faulty.", "卡片异常，请重试", "Card error, try again") \
    ROW(card, application_missing, medium, "The card has no social security application.", "Ask for the social security card.", "请使用社会保障卡", "Use a social security card") \
    ROW(card, application_locked, medium, "The application or the card is blocked.", "Send the holder to a card service point.", "卡已锁定，请到服务网点", "Card is locked, visit a service point") \
    ROW(card, file_missing, medium, "A file of the standard is not on the card.", "Send the holder to a card service point.", "卡片异常", "Card error") \
    ROW(card, record_missing, medium, "A record of the standard is not on the card.", "Send the holder to a card service point.", "卡片异常", "Card error") \
    ROW(card, access_denied, medium, "The card's access condition is not fulfilled.", "Check that the terminal's SAM holds the right key.", "卡片拒绝读取", "Card refuses access") \
    ROW(card, authentication_blocked, medium, "A key of the card is blocked: its tries are used up.", "Send the holder to a card service point.", "卡密钥已锁定，请到服务网点", "Card key is blocked, visit a service point") \
    ROW(card, pin_wrong, medium, "The card refused the PIN. It is never sent again by itself.", "Ask the holder whether to try once more.", "密码错误，请重新刷卡输入", "Wrong PIN, present the card again") \
    ROW(card, pin_blocked, medium, "The PIN is blocked: its tries are used up.", "Send the holder to a card service point to unblock it.", "密码已锁定，请到服务网点", "PIN is blocked, visit a service point") \
    ROW(card, pin_needed, medium, "The service needs the holder's PIN.", "Ask the holder to enter the PIN while the card stays in the reader.", "请输入密码", "Enter your PIN") \
    ROW(card, pin_entry_timeout, medium, "No PIN was entered in time.", "Present the card again.", "输入超时，请重新刷卡", "No PIN entered, present the card again") \
    ROW(card, status_unexpected, medium, "The card answered a status word that the command does not have.", "Present the card again; see the status in the context.", "卡片异常，请重试", "Card error, try again") \
    ROW(card, card_data_malformed, medium, "A file of the card holds data that the standard does not allow.", "Send the holder to a card service point.", "卡片数据异常", "Card data error") \
    ROW(card, card_not_genuine, medium, "The card failed authentication: it does not hold the issuer's key.", "Keep the card if the house rules say so, and report it.", "卡片未通过真伪验证", "Card is not genuine") \
    ROW(card, terminal_refused_by_card, medium, "The card refused the terminal's authentication.", "Check the SAM's key and the card's region.", "卡片拒绝读取", "Card refuses this terminal") \
    ROW(card, algorithm_unpublished, medium, "The card uses SSF33, whose specification is not published, so no terminal can check it without its vendor's SAM.", "Use the remote HSM step, or another medium.", "此卡暂不支持，请使用电子社保卡", "This card is not supported here, use the electronic card") \
    ROW(card, algorithm_unknown, medium, "The card's FCI names an algorithm that no specification seen here defines.", "Report the card's region and version.", "此卡暂不支持", "This card is not supported here") \
    ROW(card, algorithm_switched_off, medium, "The profile does not accept the card's algorithm (cards.sm4 = false).", "Switch it on in the profile if the card issuer confirms the rule.", "此卡暂不支持", "This card is not supported here") \
    ROW(card, balance_insufficient, medium, "The purse does not hold the amount.", "Ask the holder to load the purse or to use another medium.", "余额不足", "Balance too low") \
    ROW(card, debit_refused, medium, "The purse refused the debit; nothing was taken.", "Present the card again; see the status in the context.", "扣款未成功，请重试", "Not charged, try again") \
    ROW(card, debit_unfinished, medium, "The card left before it answered the debit, so it is not known whether it was charged.", "Ask for the same card again within the time shown; otherwise it is settled when the card is next seen.", "请重新刷同一张卡", "Present the same card again") \
    ROW(card, purse_not_accepted, medium, "The purse is not interoperable or its issuer is not accepted.", "Use another medium.", "此卡不支持乘车", "This purse is not accepted here") \
    ROW(card, legacy_uid_random, medium, "The card draws a new number at each presentation, so it names nobody.", "Use the social security card.", "请使用社会保障卡", "Use a social security card") \
    ROW(card, sam_missing, terminal, "No SAM answers in the configured slot.", "Insert the SAM or correct the reader's name in the profile.", "安全模块未就绪，请联系工作人员", "Security module missing, ask the staff") \
    ROW(card, sam_refused, terminal, "The SAM refused a command: wrong key reference or wrong SAM.", "Check the SAM's keys against the profile.", "安全模块异常，请联系工作人员", "Security module fault, ask the staff") \
    ROW(card, sam_locked, terminal, "The SAM is locked.", "Replace the SAM; its issuer can tell why it locked.", "安全模块已锁定，请联系工作人员", "Security module locked, ask the staff") \
    ROW(card, hsm_unreachable, terminal, "No SAM is fitted and the issuer's HSM cannot be reached.", "Check the network; a SAM makes the terminal independent of it.", "卡片认证服务不可用，请稍候", "Card check unavailable, please wait") \
    ROW(card, hsm_timeout, terminal, "The issuer's HSM did not answer in time.", "Check the network; see hsm.timeout_ms in the profile.", "卡片认证超时，请重试", "Card check timed out, try again") \
    ROW(card, hsm_refused, terminal, "The issuer's HSM refused: wrong key reference, or this terminal is not admitted; or its answer is not as documented.", "Ask the card issuer to admit this terminal.", "卡片认证被拒绝，请联系工作人员", "Card check refused, ask the staff") \
    /* code: symbols and payloads. The names of the transit rows are those of tests/vectors/transit-code.json */ \
    ROW(code, symbol_not_found, medium, "No readable QR symbol in the image.", "Hold the code flat, brighter and nearer.", "未识别到二维码", "No code seen") \
    ROW(code, several_symbols, medium, "Two different codes are in view.", "Show one code only.", "请只出示一个二维码", "Show one code only") \
    ROW(code, symbol_in_parts, medium, "The symbol is one of several that hold a message in parts (structured append).", "Use a code that fits one symbol.", "不支持的二维码", "Code not supported") \
    ROW(code, format_unknown, medium, "The payload is of no format of this programme: a web address, a payment code or the like.", "Use the electronic card's, the fusion or the transit code.", "不是本系统的二维码", "Not a code of this programme") \
    ROW(code, malformed, medium, "The payload's lengths or fixed fields are wrong.", "Refresh the code and show it again.", "二维码无效", "Code is not valid") \
    ROW(code, bad_certificate, medium, "The issuer's certificate is not signed by a trusted CA key of that index.", "Check that the trust anchors are current.", "二维码验证失败", "Code is not genuine") \
    ROW(code, certificate_expired, medium, "The issuer's certificate has expired.", "The issuer must renew it; refresh the code.", "二维码已过期，请刷新", "Code expired, refresh it") \
    ROW(code, bad_issuer_signature, medium, "The issuer's signature over the account and the user key does not verify.", "Treat the code as forged.", "二维码验证失败", "Code is not genuine") \
    ROW(code, bad_user_signature, medium, "The user key's signature over the code does not verify.", "Treat the code as forged.", "二维码验证失败", "Code is not genuine") \
    ROW(code, authorisation_expired, medium, "The issuer's authorisation of the user key is over.", "Open the app online once to renew it.", "授权已过期，请联网刷新", "Authorisation expired, go online and refresh") \
    ROW(code, code_expired, medium, "The code's validity is over.", "Refresh the code.", "二维码已过期，请刷新", "Code expired, refresh it") \
    ROW(code, code_from_the_future, medium, "The code was made later than the terminal's time allows.", "Check the clocks of the phone and of the terminal.", "手机时间不正确", "The phone's clock is wrong") \
    ROW(code, over_limit, medium, "The amount is above the limit of a single trip that the issuer signed.", "Use another medium.", "超出单次限额", "Above this code's limit") \
    ROW(code, online_only, medium, "This code can be checked only by the online verifier, which is not reachable.", "Use the card, or wait for the network.", "网络不可用，请刷实体卡", "Offline: use the physical card") \
    ROW(code, code_not_valid, medium, "The online verifier does not know the code, or it is over or was used.", "Refresh the code.", "二维码无效，请刷新", "Code is not valid, refresh it") \
    /* identity */ \
    ROW(identity, id_number_malformed, medium, "The social security number is not of an admissible form.", "Send the holder to a card service point.", "卡片数据异常", "Card data error") \
    ROW(identity, medium_expired, medium, "The card's or code's validity is over or has not begun.", "Renew the card at a service point.", "卡已过期", "Card has expired") \
    /* rules: what policy::decide answers */ \
    ROW(rule, service_not_listed, rules, "The service is not in the catalogue.", "Publish it in the catalogue, or correct the profile.", "此服务未开通", "Service not available") \
    ROW(rule, catalogue_stale, rules, "No catalogue in force: none installed, or it has expired.", "Let the terminal fetch a new one.", "暂停服务", "Out of service") \
    ROW(rule, medium_not_allowed, rules, "The service does not take this medium.", "Use a medium that the catalogue lists.", "此服务不支持该介质", "This medium is not accepted here") \
    ROW(rule, assurance_too_low, rules, "The identity was not proved as strongly as the service asks.", "Use a medium that can be authenticated.", "身份验证级别不足", "Stronger proof of identity needed") \
    ROW(rule, region_not_covered, rules, "The service has no agreement with the issuing region.", "See the catalogue's regions.", "该地区卡暂不支持", "Cards of this region are not accepted") \
    ROW(rule, revoked, rules, "The card or account is on the revocation list (lost, cancelled or suspended).", "Send the holder to a card service point.", "卡已挂失或注销", "Card reported lost or cancelled") \
    ROW(rule, not_registered, rules, "The legacy card is not on the map of holders.", "Register the card, or give the holder the one card.", "此卡未登记，请使用社会保障卡", "Card not registered, use a social security card") \
    ROW(rule, already_used, rules, "This very code was used before.", "Refresh the code.", "二维码已使用，请刷新", "Code already used, refresh it") \
    ROW(rule, repeated_too_soon, rules, "The same holder passed within the service's repeat interval.", "Wait a moment.", "请勿重复刷卡", "Already passed") \
    ROW(rule, deferral_limit, rules, "No more unverified codes are taken on trust today from this subject or at this terminal.", "Use the card, or wait for the network.", "网络不可用，请刷实体卡", "Offline: use the physical card") \
    ROW(rule, offline_not_allowed, rules, "The service may not be given offline.", "Wait for the network.", "网络不可用，请稍候", "Network unavailable, please wait") \
    ROW(rule, offline_too_long, rules, "The lists are older than the service allows.", "Restore the network.", "网络不可用，请稍候", "Network unavailable, please wait") \
    ROW(rule, clock_suspect, rules, "The terminal's time cannot be trusted and the service needs it.", "Set the clock.", "设备时间异常", "Terminal clock not trusted") \
    ROW(rule, look_up_failed, terminal, "A list could not be asked; that is never read as 'not listed'.", "See the store's error in the context.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(rule, terminal_locked, rules, "The operator locked this terminal.", "Unlock it from the back office.", "暂停服务", "Out of service") \
    /* store */ \
    ROW(store, store_failed, terminal, "The database refused to write or read.", "Check the disk; see the context.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(store, store_full, terminal, "The store is full of undelivered money records, so no new one is taken.", "Restore the network so that the records can leave.", "设备存储已满，暂停服务", "Terminal is full, out of service") \
    ROW(store, store_corrupt, terminal, "The database or a record fails its integrity check.", "The file is kept aside; send it to the operator.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(store, store_too_new, terminal, "The database was written by a newer version of this program.", "Install the newer program.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(store, store_in_use, terminal, "Another program has this store open.", "End the other program (a second yktd?); one store is one program's.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(store, record_not_found, terminal, "No such record.", "Check the number asked for.", "无记录", "No such record") \
    ROW(store, bulletin_malformed, terminal, "A bulletin is not of the documented form.", "The publisher must correct it.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(store, bulletin_untrusted, terminal, "A bulletin is not signed by the key that this terminal trusts.", "Check the publisher's key.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(store, bulletin_not_newer, terminal, "A bulletin's version is not above the installed one.", "None needed: the installed one stays.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(store, bulletin_out_of_date, terminal, "A bulletin's validity is over or has not begun.", "Publish a new one; check the clock.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(store, bulletin_base_missing, terminal, "A bulletin changes a list that is not the installed one.", "None needed: the terminal fetches the whole list.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(store, bulletin_incomplete, terminal, "The file that a bulletin names is missing, short or another.", "None needed: the terminal fetches it again.", "设备故障，请稍候", "Terminal fault, please wait") \
    /* upstream */ \
    ROW(upstream, unreachable, terminal, "The back office cannot be reached.", "Check the network; records wait on the terminal.", "网络不可用", "Network unavailable") \
    ROW(upstream, upstream_untrusted, terminal, "The back office failed TLS authentication, or it refused ours.", "Check certificates and clocks.", "网络不可用", "Network unavailable") \
    ROW(upstream, upstream_timeout, terminal, "The back office did not answer in time.", "Check the network; the batch will be sent again.", "网络不可用", "Network unavailable") \
    ROW(upstream, upstream_busy, terminal, "The back office asked to wait.", "None needed: the courier waits.", "网络不可用", "Network unavailable") \
    ROW(upstream, upstream_rejected, terminal, "The back office refused the request.", "See the status in the context.", "网络不可用", "Network unavailable") \
    ROW(upstream, batch_too_large, terminal, "The back office found the batch too large; it will be halved.", "None needed.", "网络不可用", "Network unavailable") \
    ROW(upstream, reply_malformed, terminal, "The back office's answer is not of the documented form.", "Check the back office's version.", "网络不可用", "Network unavailable") \
    /* crypto, config and input */ \
    ROW(crypto, key_invalid, terminal, "A key is not of the right length or not a point of the curve.", "Check the key file or the peer.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(crypto, key_store_failed, terminal, "The key that protects this terminal's keys cannot be used: its file, TPM or passphrase is wrong or away.", "Check the key file's mode, the TPM, or the passphrase.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(crypto, signature_invalid, medium, "A signature does not verify.", "Treat what it signs as forged.", "验证失败", "Not genuine") \
    ROW(crypto, unseal_failed, terminal, "A sealed text was changed or the key is wrong.", "Check the store's key.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(crypto, certificate_invalid, terminal, "A certificate cannot be parsed or does not chain to the pinned CA.", "Check the certificate files.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(crypto, crypto_failed, terminal, "A cryptographic library reported an error.", "See the context.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(config, config_unreadable, terminal, "A configuration or key file cannot be read.", "Check path and permissions.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(config, config_syntax, terminal, "A configuration file is not TOML.", "See file and line in the context.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(config, config_value, terminal, "A setting is missing, unknown or out of range.", "See file, line and remedy in the context.", "设备故障，请稍候", "Terminal fault, please wait") \
    ROW(input, input_malformed, terminal, "Input given to a tool is not of the form it asks for.", "See the tool's --help.", "输入无效", "Bad input") \
    ROW(input, local_service_failed, terminal, "The program behind a local socket does not answer, or not as documented.", "Start it, or name its socket with --panel or --world.", "设备故障，请稍候", "Terminal fault, please wait")
// clang-format on
