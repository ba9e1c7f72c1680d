-- A small world as hubs of revision 0033 kept it: written by the program of that day, then
-- shortened; what it left empty stands at the end. Triggers and keys hold for whoever wrote it.
SET session_replication_role = replica;

INSERT INTO claim (id, centre_id, merged_into_id, created_at) VALUES
(1, 4, NULL, '2026-11-28 15:53:33.157486+00'),
(2, 6, NULL, '2026-11-28 15:53:33.157486+00');

INSERT INTO platform (id, slug, name, endpoint, active, paused_because, signature_scheme, last_seq, failures, created_at, kind, capabilities, capabilities_at, caught_up_at, rate, burst) VALUES
(1, 'jd', '京东', 'http://127.0.0.1:9/', true, NULL, 'v1a', 3, 0, '2026-11-28 15:53:33.157486+00', 'commerce', NULL, NULL, NULL, 100, 250000),
(2, 'weidian', '微店', 'http://127.0.0.1:9/', true, NULL, 'v1a', 4, 0, '2026-11-28 15:53:33.157486+00', 'commerce', NULL, NULL, NULL, 100, 250000);

INSERT INTO subject (id, uscc, name, license_no, address, region, created_at, merged_into_id) VALUES
(1, '91110102MA4712GN19', '南浦市康宁药业有限公司', NULL, NULL, NULL, '2026-11-28 15:53:33.157486+00', NULL),
(2, NULL, '利民百货', NULL, NULL, NULL, '2026-11-28 15:53:33.157486+00', NULL),
(3, NULL, '惠康药房', NULL, NULL, NULL, '2026-11-28 15:53:33.157486+00', NULL);

INSERT INTO "user" (id, username, name, role, password_hash, active, failed_logins, locked_until, created_at, platform_id, subject) VALUES
(1, 'clerk', 'clerk甲', 'clerk', '$argon2id$v=19$m=8,t=1,p=1$xYlo44LVQ2aBHAxKU3xCSQ$zu2IQxVTU1twWM/jhz2d2njURwXP9UTvxhMli8OY57Y', true, 0, NULL, '2026-11-28 15:53:32.719974+00', NULL, NULL),
(2, 'handler', 'handler甲', 'handler', '$argon2id$v=19$m=8,t=1,p=1$SopjlXPPudflh7/jxowmTQ$qKEZLZxbFjtZ6D0G27Vpr04UtAQaVhMi8TlkGLOr7Cw', true, 0, NULL, '2026-11-28 15:53:32.719974+00', NULL, NULL),
(3, 'approver', 'approver甲', 'approver', '$argon2id$v=19$m=8,t=1,p=1$nrIQHGMnIS+XJVv5WwBZZA$0/xXMWmFr2MiLu3Iz6xx/Yk+djrXQAzRVikxKOdJ2yg', true, 0, NULL, '2026-11-28 15:53:32.719974+00', NULL, NULL),
(4, 'auditor', 'auditor甲', 'auditor', '$argon2id$v=19$m=8,t=1,p=1$wTihPdrcKtojdh8wfBochA$Q8Y16H98IxvnOkvPDsFhJAU7CdKPyAmQjii/ATKd4VQ', true, 0, NULL, '2026-11-28 15:53:32.719974+00', NULL, NULL),
(5, 'admin', 'admin甲', 'admin', '$argon2id$v=19$m=8,t=1,p=1$8vJxhxYLJUYoh8ehF3l9VQ$OaWgPfgiWKtAB2+L4ylQdtiv/x3ww7fEIym2va1bBv4', true, 0, NULL, '2026-11-28 15:53:32.719974+00', NULL, NULL);

INSERT INTO "case" (id, kind, state, live, version, title, claim_id, subject_id, violation, theme, assessment, urgency, demand, spread, priority, owner_id, closed_because, merged_into_id, opened_at, last_report_at, denied, owner_until, parked_until, parked_because, trust, flood, violation_by, reporters, pressing) VALUES
(1, 'violation', 'ORDERED', false, 3, '口罩从2元涨到15元', NULL, 1, 'price_gouging', NULL, '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [{"law": ["价格法第十四条第（三）项"], "cues": [], "type": "price_gouging", "label": "哄抬价格", "score": 0.81, "source": "rule:gouge-hoard"}], "entities": {"places": [{"value": "420000"}]}}', 0.72, 2, '{"jd": 1, "weidian": 1}', 2.0621574272228247, NULL, NULL, NULL, '2026-11-28 15:53:33.157486+00', '2026-11-28 15:53:33.157486+00', '{}', NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL),
(2, 'violation', 'OPEN', true, 1, '用了两天就散架', NULL, 2, 'counterfeit', NULL, '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [], "entities": {"places": [{"value": "420000"}]}}', 0.72, 1, '{"jd": 1}', 0.9199999999999999, NULL, NULL, NULL, '2026-11-28 15:53:33.157486+00', '2026-11-28 15:53:33.157486+00', '{}', NULL, NULL, NULL, 1, NULL, 'reporter', NULL, NULL),
(3, 'violation', 'OPEN', true, 2, '坐地起价', NULL, 3, 'price_fraud', NULL, '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [{"law": ["价格法第十四条第（三）项"], "cues": [], "type": "price_gouging", "label": "哄抬价格", "score": 0.81, "source": "rule:gouge-hoard"}], "entities": {"places": [{"value": "420000"}]}}', 0.72, 1, '{"weidian": 1}', 0.9199999999999999, NULL, NULL, NULL, '2026-11-28 15:53:33.157486+00', '2026-11-28 15:53:33.157486+00', '{}', NULL, NULL, NULL, 1, NULL, 'officer', NULL, NULL),
(4, 'rumor', 'OPEN', true, 2, '口罩三天后全国断货，赶紧多囤几箱', 1, NULL, NULL, 'finance', '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [{"law": ["价格法第十四条第（三）项"], "cues": [{"end": 16, "text": "赶紧多囤几箱", "start": 10}], "type": "price_gouging", "label": "哄抬价格", "score": 0.81, "source": "rule:gouge-hoard"}], "entities": {"places": [{"value": "420000"}]}}', 0.72, 2, '{"jd": 1, "weidian": 1}', 2.0621574272228247, NULL, NULL, NULL, '2026-11-28 15:53:33.157486+00', '2026-11-28 15:53:33.157486+00', '{}', NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL),
(5, 'rumor', 'DISMISSED', true, 2, '喝白酒能杀死病毒', 2, NULL, NULL, 'health', '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [], "entities": {"places": [{"value": "420000"}]}}', 0.72, 1, '{"weidian": 1}', 0.9199999999999999, NULL, '内容属实', NULL, '2026-11-28 15:53:33.157486+00', '2026-11-28 15:53:33.157486+00', '{}', NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL);

INSERT INTO decision (id, case_id, version, state, measures, facts, proposed_by_id, proposed_at, approved_by_id, approved_at, ended_because, effect, grounds, evidence, answer_days, sharing, catalogue, replaces_id) VALUES
(1, 1, 1, 'APPROVED', '[{"on": ["commerce"], "code": "close_shop", "label": "关闭店铺", "target": "shop", "term_days": null, "reversible": true, "legal_ground": "《中华人民共和国电子商务法》第二十九条、第三十八条"}, {"on": ["commerce", "payment"], "code": "bar_onboarding", "label": "限制入驻", "target": "shop", "term_days": null, "reversible": true, "legal_ground": "《中华人民共和国电子商务法》第二十九条、第三十八条"}]', '经查，口罩由2元涨至15元。', 2, '2026-11-28 15:53:38.891985+00', 3, '2026-11-28 15:53:41.05755+00', NULL, 'PENALTY', '["价格法第十四条第（三）项", "价格违法行为行政处罚规定第六条"]', '["京东转来举报 1 件", "微店转来举报 1 件"]', 3, '{"level": "all", "platforms": []}', '2021-07-15', NULL);

INSERT INTO "order" (id, public_id, decision_id, platform_id, seq, revokes_id, body, execution, answer, answer_by, acknowledged_at, answered_at, created_at, supersedes_id, reminded_at, escalated_at, chased_at, chased_by_id, chased_note) VALUES
(1, 'od_7db244f9cafb8ff746c13f34', 1, 1, 2, NULL, '{"kind": "violation", "claim": null, "facts": "经查，口罩由2元涨至15元。", "grounds": ["价格法第十四条第（三）项", "价格违法行为行政处罚规定第六条"], "subject": {"uscc": "91110102MA4712GN19", "shops": [{"shop_id": "jd-881", "shop_name": "康宁大药房旗舰店"}], "license_no": null, "merchant_name": "南浦市康宁药业有限公司"}, "measures": [{"code": "close_shop", "label": "关闭店铺", "target": "shop", "term_days": null, "instead_of": null, "reversible": true, "legal_ground": "《中华人民共和国电子商务法》第二十九条、第三十八条"}, {"code": "bar_onboarding", "label": "限制入驻", "target": "shop", "term_days": null, "instead_of": null, "reversible": true, "legal_ground": "《中华人民共和国电子商务法》第二十九条、第三十八条"}], "order_id": "od_7db244f9cafb8ff746c13f34", "answer_by": "2026-12-01T15:53:41.284877+00:00", "expires_at": null, "not_before": "2026-11-28T15:53:41.284877+00:00", "supersedes": null, "decision_id": "C1-1"}', 'NONE', NULL, '2026-12-01 15:53:41.284877+00', NULL, NULL, '2026-11-28 15:53:41.05755+00', NULL, NULL, NULL, NULL, NULL, NULL),
(2, 'od_e3d99fbd86c0494226012bb4', 1, 2, 2, NULL, '{"kind": "violation", "claim": null, "facts": "经查，口罩由2元涨至15元。", "grounds": ["价格法第十四条第（三）项", "价格违法行为行政处罚规定第六条"], "subject": {"uscc": "91110102MA4712GN19", "shops": [{"shop_id": "weidian-881", "shop_name": "康宁大药房旗舰店"}], "license_no": null, "merchant_name": "南浦市康宁药业有限公司"}, "measures": [{"code": "close_shop", "label": "关闭店铺", "target": "shop", "term_days": null, "instead_of": null, "reversible": true, "legal_ground": "《中华人民共和国电子商务法》第二十九条、第三十八条"}, {"code": "bar_onboarding", "label": "限制入驻", "target": "shop", "term_days": null, "instead_of": null, "reversible": true, "legal_ground": "《中华人民共和国电子商务法》第二十九条、第三十八条"}], "order_id": "od_e3d99fbd86c0494226012bb4", "answer_by": "2026-12-01T15:53:41.357403+00:00", "expires_at": null, "not_before": "2026-11-28T15:53:41.357403+00:00", "supersedes": null, "decision_id": "C1-1"}', 'NONE', NULL, '2026-12-01 15:53:41.357403+00', NULL, NULL, '2026-11-28 15:53:41.05755+00', NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO inbound_message (id, platform_id, webhook_id, sha256, raw, headers, key_id, type, receipt, status, answer, received_at, sealed) VALUES
(1, 1, 'm2', '\x', '\x7b7d', '{}', 1, 'report.created', 'rc_2', 202, '{}', '2026-11-28 15:53:33.157486+00', false),
(2, 2, 'm3', '\x', '\x7b7d', '{}', 1, 'report.created', 'rc_3', 202, '{}', '2026-11-28 15:53:33.157486+00', false),
(3, 1, 'm5', '\x', '\x7b7d', '{}', 1, 'report.created', 'rc_5', 202, '{}', '2026-11-28 15:53:33.157486+00', false),
(4, 2, 'm7', '\x', '\x7b7d', '{}', 1, 'report.created', 'rc_7', 202, '{}', '2026-11-28 15:53:33.157486+00', false),
(5, 1, 'm9', '\x', '\x7b7d', '{}', 1, 'report.created', 'rc_9', 202, '{}', '2026-11-28 15:53:33.157486+00', false),
(6, 2, 'm11', '\x', '\x7b7d', '{}', 1, 'report.created', 'rc_11', 202, '{}', '2026-11-28 15:53:33.157486+00', false),
(7, 2, 'm13', '\x', '\x7b7d', '{}', 1, 'report.created', 'rc_13', 202, '{}', '2026-11-28 15:53:33.157486+00', false);

INSERT INTO wording (id, claim_id, merged_from_id, key, text, signature, embedding, encoder, assessment, created_at, vector_of_id) VALUES
(1, NULL, NULL, '19743b83712794d8c4cbf41dfd2359a32032fcbef38fe2456a5f7e7e822fe67e', '口罩从2元涨到15元', '\x', '[0.60009766,0.7998047]', 'e5@1', '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [{"law": ["价格法第十四条第（三）项"], "cues": [], "type": "price_gouging", "label": "哄抬价格", "score": 0.81, "source": "rule:gouge-hoard"}], "entities": {"places": [{"value": "420000"}]}}', '2026-11-28 15:53:33.157486+00', NULL),
(2, NULL, NULL, 'a62d965545360b017bb722575c7e26b5047ea69eb8687a409497d7218455f561', '用了两天就散架', '\x', '[0.60009766,0.7998047]', 'e5@1', '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [{"law": ["价格法第十四条第（三）项"], "cues": [], "type": "price_gouging", "label": "哄抬价格", "score": 0.81, "source": "rule:gouge-hoard"}], "entities": {"places": [{"value": "420000"}]}}', '2026-11-28 15:53:33.157486+00', NULL),
(3, NULL, NULL, 'afe6782279a075467fd6aa617b051c80598d015f1327ae3a8d8b59d6cf58632c', '坐地起价', '\x', '[0.60009766,0.7998047]', 'e5@1', '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [{"law": ["价格法第十四条第（三）项"], "cues": [], "type": "price_gouging", "label": "哄抬价格", "score": 0.81, "source": "rule:gouge-hoard"}], "entities": {"places": [{"value": "420000"}]}}', '2026-11-28 15:53:33.157486+00', NULL),
(4, 1, NULL, '4a4c5f9de33a72724daa57a5fd0a05e40622cbca833208298d2b4e77a24feb5a', '口罩三天后全国断货，赶紧多囤几箱', '\x', '[0.60009766,0.7998047]', 'e5@1', '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [{"law": ["价格法第十四条第（三）项"], "cues": [{"end": 16, "text": "赶紧多囤几箱", "start": 10}], "type": "price_gouging", "label": "哄抬价格", "score": 0.81, "source": "rule:gouge-hoard"}], "entities": {"places": [{"value": "420000"}]}}', '2026-11-28 15:53:33.157486+00', NULL),
(5, 1, NULL, '8bb2874f6eb65aa0257336ce934a0cb25a7b87147ac5645fb90753491b15f367', '听说口罩再过三天就全国断货', '\x', '[0.60009766,0.7998047]', 'e5@1', '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [], "entities": {"places": [{"value": "420000"}]}}', '2026-11-28 15:53:33.157486+00', NULL),
(6, 2, NULL, '97577dffc9b72d1690da11a09831a848420fe9027ad56638c153691a1e884a2c', '喝白酒能杀死病毒', '\x', '[0.60009766,0.7998047]', 'e5@1', '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [], "entities": {"places": [{"value": "420000"}]}}', '2026-11-28 15:53:33.157486+00', NULL);

INSERT INTO report (id, platform_id, external_id, version, message_id, kind, reported_at, payload, content_hash, text, flags, state, epoch, failures, last_error, next_at, lease_until, wording_id, case_id, merged_from_id, received_at, settled_at) VALUES
(1, 1, 'jd-2', 1, 1, 'violation', '2020-02-20 01:30:00+00', '{"content": {"text": "口罩从2元涨到15元"}}', '', '口罩从2元涨到15元', '[]', 'MERGED', 0, 0, NULL, '2026-11-28 15:53:33.157486+00', NULL, 1, 1, NULL, '2026-11-28 15:53:33.157486+00', NULL),
(2, 2, 'weidian-3', 1, 2, 'violation', '2020-02-20 01:30:00+00', '{"content": {"text": "口罩从2元涨到15元"}}', '', '口罩从2元涨到15元', '[]', 'MERGED', 0, 0, NULL, '2026-11-28 15:53:33.157486+00', NULL, 1, 1, NULL, '2026-11-28 15:53:33.157486+00', NULL),
(3, 1, 'jd-5', 1, 3, 'violation', '2020-02-20 01:30:00+00', '{"reason": "售假", "content": {"text": "用了两天就散架"}}', '', '用了两天就散架', '[]', 'MERGED', 0, 0, NULL, '2026-11-28 15:53:33.157486+00', NULL, 2, 2, NULL, '2026-11-28 15:53:33.157486+00', NULL),
(4, 2, 'weidian-7', 1, 4, 'violation', '2020-02-20 01:30:00+00', '{"content": {"text": "坐地起价"}}', '', '坐地起价', '[]', 'MERGED', 0, 0, NULL, '2026-11-28 15:53:33.157486+00', NULL, 3, 3, NULL, '2026-11-28 15:53:33.157486+00', NULL),
(5, 1, 'jd-9', 1, 5, 'rumor', '2020-02-20 01:30:00+00', '{"content": {"text": "口罩三天后全国断货，赶紧多囤几箱"}}', '', '口罩三天后全国断货，赶紧多囤几箱', '[]', 'MERGED', 0, 0, NULL, '2026-11-28 15:53:33.157486+00', NULL, 4, 4, NULL, '2026-11-28 15:53:33.157486+00', NULL),
(6, 2, 'weidian-11', 1, 6, 'rumor', '2020-02-20 01:30:00+00', '{"content": {"text": "听说口罩再过三天就全国断货"}}', '', '听说口罩再过三天就全国断货', '[]', 'MERGED', 0, 0, NULL, '2026-11-28 15:53:33.157486+00', NULL, 5, 4, NULL, '2026-11-28 15:53:33.157486+00', NULL),
(7, 2, 'weidian-13', 1, 7, 'rumor', '2020-02-20 01:30:00+00', '{"content": {"text": "喝白酒能杀死病毒"}}', '', '喝白酒能杀死病毒', '[]', 'MERGED', 0, 0, NULL, '2026-11-28 15:53:33.157486+00', NULL, 6, 5, NULL, '2026-11-28 15:53:33.157486+00', NULL);

INSERT INTO delivery (id, platform_id, webhook_id, type, body, order_id, report_id, state, epoch, attempts, next_at, lease_until, delivered_at, created_at) VALUES
(3, 1, 'msg_0c2a26e0260efcb1d307f967', 'order.issued', '\x7b2274797065223a226f726465722e697373756564222c2274696d657374616d70223a22323032362d31312d32385431353a35333a34312e3335372b30303a3030222c22697373223a2272756d6f722d76696f6c6174696f6e2d687562222c22617564223a226a64222c22736571223a322c2264617461223a7b226f726465725f6964223a226f645f376462323434663963616662386666373436633133663334222c226465636973696f6e5f6964223a2243312d31222c226b696e64223a2276696f6c6174696f6e222c226d65617375726573223a5b7b22636f6465223a22636c6f73655f73686f70222c226c6162656c223a22e585b3e997ade5ba97e993ba222c22746172676574223a2273686f70222c227465726d5f64617973223a6e756c6c2c2272657665727369626c65223a747275652c226c6567616c5f67726f756e64223a22e3808ae4b8ade58d8ee4babae6b091e585b1e5928ce59bbde794b5e5ad90e59586e58aa1e6b395e3808be7acace4ba8ce58d81e4b99de69da1e38081e7acace4b889e58d81e585abe69da1222c22696e73746561645f6f66223a6e756c6c7d2c7b22636f6465223a226261725f6f6e626f617264696e67222c226c6162656c223a22e99990e588b6e585a5e9a9bb222c22746172676574223a2273686f70222c227465726d5f64617973223a6e756c6c2c2272657665727369626c65223a747275652c226c6567616c5f67726f756e64223a22e3808ae4b8ade58d8ee4babae6b091e585b1e5928ce59bbde794b5e5ad90e59586e58aa1e6b395e3808be7acace4ba8ce58d81e4b99de69da1e38081e7acace4b889e58d81e585abe69da1222c22696e73746561645f6f66223a6e756c6c7d5d2c227375626a656374223a7b2275736363223a2239313131303130324d4134373132474e3139222c226d65726368616e745f6e616d65223a22e58d97e6b5a6e5b882e5bab7e5ae81e88dafe4b89ae69c89e99990e585ace58fb8222c226c6963656e73655f6e6f223a6e756c6c2c2273686f7073223a5b7b2273686f705f6964223a226a642d383831222c2273686f705f6e616d65223a22e5bab7e5ae81e5a4a7e88dafe688bfe69797e888b0e5ba97227d5d7d2c22636c61696d223a6e756c6c2c226661637473223a22e7bb8fe69fa5efbc8ce58fa3e7bda9e794b132e58583e6b6a8e887b33135e58583e38082222c2267726f756e6473223a5b22e4bbb7e6a0bce6b395e7acace58d81e59b9be69da1e7acacefbc88e4b889efbc89e9a1b9222c22e4bbb7e6a0bce8bf9de6b395e8a18ce4b8bae8a18ce694bfe5a484e7bd9ae8a784e5ae9ae7acace585ade69da1225d2c22616e737765725f6279223a22323032362d31322d30315431353a35333a34312e3238343837372b30303a3030222c226e6f745f6265666f7265223a22323032362d31312d32385431353a35333a34312e3238343837372b30303a3030222c22657870697265735f6174223a6e756c6c2c2273757065727365646573223a6e756c6c7d7d', 1, NULL, 'PENDING', 0, 0, '2026-11-28 15:53:41.05755+00', NULL, NULL, '2026-11-28 15:53:41.05755+00'),
(4, 2, 'msg_587ae50c2461be1096a8ce9b', 'order.issued', '\x7b2274797065223a226f726465722e697373756564222c2274696d657374616d70223a22323032362d31312d32385431353a35333a34312e3431352b30303a3030222c22697373223a2272756d6f722d76696f6c6174696f6e2d687562222c22617564223a227765696469616e222c22736571223a322c2264617461223a7b226f726465725f6964223a226f645f653364393966626438366330343934323236303132626234222c226465636973696f6e5f6964223a2243312d31222c226b696e64223a2276696f6c6174696f6e222c226d65617375726573223a5b7b22636f6465223a22636c6f73655f73686f70222c226c6162656c223a22e585b3e997ade5ba97e993ba222c22746172676574223a2273686f70222c227465726d5f64617973223a6e756c6c2c2272657665727369626c65223a747275652c226c6567616c5f67726f756e64223a22e3808ae4b8ade58d8ee4babae6b091e585b1e5928ce59bbde794b5e5ad90e59586e58aa1e6b395e3808be7acace4ba8ce58d81e4b99de69da1e38081e7acace4b889e58d81e585abe69da1222c22696e73746561645f6f66223a6e756c6c7d2c7b22636f6465223a226261725f6f6e626f617264696e67222c226c6162656c223a22e99990e588b6e585a5e9a9bb222c22746172676574223a2273686f70222c227465726d5f64617973223a6e756c6c2c2272657665727369626c65223a747275652c226c6567616c5f67726f756e64223a22e3808ae4b8ade58d8ee4babae6b091e585b1e5928ce59bbde794b5e5ad90e59586e58aa1e6b395e3808be7acace4ba8ce58d81e4b99de69da1e38081e7acace4b889e58d81e585abe69da1222c22696e73746561645f6f66223a6e756c6c7d5d2c227375626a656374223a7b2275736363223a2239313131303130324d4134373132474e3139222c226d65726368616e745f6e616d65223a22e58d97e6b5a6e5b882e5bab7e5ae81e88dafe4b89ae69c89e99990e585ace58fb8222c226c6963656e73655f6e6f223a6e756c6c2c2273686f7073223a5b7b2273686f705f6964223a227765696469616e2d383831222c2273686f705f6e616d65223a22e5bab7e5ae81e5a4a7e88dafe688bfe69797e888b0e5ba97227d5d7d2c22636c61696d223a6e756c6c2c226661637473223a22e7bb8fe69fa5efbc8ce58fa3e7bda9e794b132e58583e6b6a8e887b33135e58583e38082222c2267726f756e6473223a5b22e4bbb7e6a0bce6b395e7acace58d81e59b9be69da1e7acacefbc88e4b889efbc89e9a1b9222c22e4bbb7e6a0bce8bf9de6b395e8a18ce4b8bae8a18ce694bfe5a484e7bd9ae8a784e5ae9ae7acace585ade69da1225d2c22616e737765725f6279223a22323032362d31322d30315431353a35333a34312e3335373430332b30303a3030222c226e6f745f6265666f7265223a22323032362d31312d32385431353a35333a34312e3335373430332b30303a3030222c22657870697265735f6174223a6e756c6c2c2273757065727365646573223a6e756c6c7d7d', 2, NULL, 'PENDING', 0, 0, '2026-11-28 15:53:41.05755+00', NULL, NULL, '2026-11-28 15:53:41.05755+00');

INSERT INTO audit_entry (id, at, actor, action, case_id, detail, previous, hash, form) VALUES
(1, '2026-11-28 15:53:34.465203+00', 'handler', 'login', NULL, '{}', '\x0000000000000000000000000000000000000000000000000000000000000000', '\x9c6a4805ba4ff7300beb2fe485379183bb6592519b59e1bd87f63ed59d708c41', 2),
(2, '2026-11-28 15:53:37.049353+00', 'handler', 'classify', 4, '{"rumor": "谣言", "theme": "finance"}', '\x9c6a4805ba4ff7300beb2fe485379183bb6592519b59e1bd87f63ed59d708c41', '\x53897d5ee85982e8a58472c9621874c4c1be42ce2ec755fcb0d97ee520b96073', 2),
(3, '2026-11-28 15:53:38.336106+00', 'handler', 'classify', 3, '{"violation": "price_fraud"}', '\x53897d5ee85982e8a58472c9621874c4c1be42ce2ec755fcb0d97ee520b96073', '\x946f350f9a0d80c1ac7b6e74d49cf8d3480a4c956fec57cdf9b57b93614dc984', 2),
(4, '2026-11-28 15:53:39.217833+00', 'handler', 'propose', 1, '{"codes": ["close_shop", "bar_onboarding"], "decision": 1}', '\x946f350f9a0d80c1ac7b6e74d49cf8d3480a4c956fec57cdf9b57b93614dc984', '\x9a157f55fded3589a3ece4678f1eda7c92b346abfd805ff29e1204a0c3a8c990', 2),
(5, '2026-11-28 15:53:39.32408+00', 'approver', 'login', NULL, '{}', '\x9a157f55fded3589a3ece4678f1eda7c92b346abfd805ff29e1204a0c3a8c990', '\x8da92fce00270234c67d92d546d6c7b526dae37e1e669cd2cfeb92f467d3382e', 2),
(6, '2026-11-28 15:53:41.600116+00', '系统', 'review_drawn', NULL, '{"of": "C1", "rule": 1, "review": 1}', '\x8da92fce00270234c67d92d546d6c7b526dae37e1e669cd2cfeb92f467d3382e', '\xbbc0d2ec6bda4c042621596e5d66203f0df9314877f09ea62178cc2c53049f7e', 2),
(7, '2026-11-28 15:53:41.809658+00', 'approver', 'approve', 1, '{"decision": 1, "withheld": {"public": "sharing", "departments": "sharing"}, "platforms": ["jd", "weidian"]}', '\xbbc0d2ec6bda4c042621596e5d66203f0df9314877f09ea62178cc2c53049f7e', '\x6980370535599c26dc682ccf921c64563b41596d5894de8d434f40cb92c90f18', 2),
(8, '2026-11-28 15:53:42.496037+00', '系统', 'review_drawn', NULL, '{"of": "C5", "rule": 1, "review": 2}', '\x6980370535599c26dc682ccf921c64563b41596d5894de8d434f40cb92c90f18', '\xb4dadbee90c30676b322ed4a713edf83a83b1a8512e603fe87af47266711bf21', 2),
(9, '2026-11-28 15:53:42.568021+00', 'handler', 'dismiss', 5, '{"reason": "内容属实"}', '\xb4dadbee90c30676b322ed4a713edf83a83b1a8512e603fe87af47266711bf21', '\xc6b6d3c791613973c7dbac17506e427d773a2cea1bacc80d61d8beefa2ed9281', 2);

INSERT INTO case_tally (id, kind, stage, parked_until, platform, n) VALUES
(1, 'violation', 'waiting', NULL, '', 1),
(2, 'violation', 'waiting', NULL, 'jd', 1),
(3, 'violation', 'waiting', NULL, 'weidian', 1),
(4, 'violation', 'waiting', NULL, '', 1),
(5, 'violation', 'waiting', NULL, 'jd', 1),
(6, 'violation', 'waiting', NULL, '', 1),
(7, 'violation', 'waiting', NULL, 'weidian', 1),
(8, 'rumor', 'waiting', NULL, '', 1),
(9, 'rumor', 'waiting', NULL, 'jd', 1),
(10, 'rumor', 'waiting', NULL, 'weidian', 1),
(11, 'rumor', 'waiting', NULL, '', 1),
(12, 'rumor', 'waiting', NULL, 'weidian', 1),
(13, 'violation', 'waiting', NULL, 'jd', -1),
(14, 'violation', 'proposed', NULL, '', 1),
(15, 'violation', 'proposed', NULL, 'weidian', 1),
(16, 'violation', 'proposed', NULL, 'jd', 1),
(17, 'violation', 'waiting', NULL, 'weidian', -1),
(18, 'violation', 'waiting', NULL, '', -1),
(19, 'violation', 'ordered', NULL, 'weidian', 1),
(20, 'violation', 'proposed', NULL, '', -1),
(21, 'violation', 'ordered', NULL, '', 1),
(22, 'violation', 'proposed', NULL, 'weidian', -1),
(23, 'violation', 'ordered', NULL, 'jd', 1),
(24, 'violation', 'proposed', NULL, 'jd', -1),
(25, 'rumor', 'waiting', NULL, 'weidian', -1),
(26, 'rumor', 'dismissed', NULL, '', 1),
(27, 'rumor', 'waiting', NULL, '', -1),
(28, 'rumor', 'dismissed', NULL, 'weidian', 1);

INSERT INTO clock (id, case_id, rule, started_on, due_on, extension, stopped_on, stopped_because, stopped_days, told, ended_at, ended_because, created_at) VALUES
(1, 1, 'serve', '2026-11-28', '2026-12-08', NULL, NULL, NULL, 0, NULL, NULL, NULL, '2026-11-28 15:53:41.05755+00'),
(2, 1, 'publish', '2026-11-28', '2026-12-25', NULL, NULL, NULL, 0, NULL, NULL, NULL, '2026-11-28 15:53:41.05755+00');

INSERT INTO deny_entry (id, version, subject_id, decision_id, reason, starts_at, expires_at, ended_at, ended_because, appeal_state) VALUES
(1, 1, 1, 1, '经查，口罩由2元涨至15元。', '2026-11-28 15:53:41.05755+00', NULL, NULL, NULL, NULL);

INSERT INTO deny_change (version, entry_id, what, said, at) VALUES
(1, 1, 'entered', NULL, '2026-11-28 15:53:41.05755+00');

INSERT INTO shop (id, subject_id, platform_id, shop_id, name, created_at) VALUES
(1, 1, 1, 'jd-881', '康宁大药房旗舰店', '2026-11-28 15:53:33.157486+00'),
(2, 1, 2, 'weidian-881', '康宁大药房旗舰店', '2026-11-28 15:53:33.157486+00'),
(3, 2, 1, 'jd-882', '康宁大药房旗舰店', '2026-11-28 15:53:33.157486+00'),
(4, 3, 2, 'weidian-883', '康宁大药房旗舰店', '2026-11-28 15:53:33.157486+00');

INSERT INTO label (id, case_id, task, value, said, score, model, via, by_user_id, created_at) VALUES
(1, 4, 'rumor', 'rumor', '', 0.64, '', 'classify', 2, '2026-11-28 15:53:36.920055+00'),
(2, 4, 'theme', 'finance', 'health', 0.77, '', 'classify', 2, '2026-11-28 15:53:36.920055+00'),
(3, 3, 'violation', 'price_fraud', 'price_gouging', 0.81, 'rule:gouge-hoard', 'classify', 2, '2026-11-28 15:53:38.237144+00'),
(4, 1, 'violation', 'price_gouging', 'price_gouging', 0.81, 'rule:gouge-hoard', 'approve', 3, '2026-11-28 15:53:41.05755+00'),
(5, 5, 'rumor', 'not_rumor', '', 0.64, '', 'dismiss', 2, '2026-11-28 15:53:42.318575+00');

INSERT INTO link (id, wording_id, claim_id, near_wording_id, status, method, score, model, by_user_id, created_at) VALUES
(1, 5, 1, 4, 'joined', 'embedding', 0.93, 'e5@1', NULL, '2026-11-28 15:53:33.157486+00'),
(2, 4, 2, NULL, 'suggested', 'embedding', 0.84, 'e5@1', NULL, '2026-11-28 15:53:33.157486+00');

INSERT INTO review (id, case_id, decision_id, golden_id, first, first_by_id, approved_by_id, upto, assessment, drawn_at, reviewer_id, taken_at, answer, note, answered_at, settled_as, settled_because, settled_by_id, settled_at) VALUES
(1, 1, 1, NULL, 'price_gouging', 2, 3, 2, '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [{"law": ["价格法第十四条第（三）项"], "cues": [], "type": "price_gouging", "label": "哄抬价格", "score": 0.81, "source": "rule:gouge-hoard"}], "entities": {"places": [{"value": "420000"}]}}', '2026-11-28 15:53:41.05755+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(2, 5, NULL, NULL, 'not_rumor', 2, NULL, 7, '{"rumor": {"cues": [], "note": "", "score": 0.64, "abstained": true}, "theme": {"code": "health", "label": "医疗健康", "score": 0.77}, "urgency": {"score": 0.72, "reasons": ["涉及防疫物资"]}, "versions": {"rules": "2"}, "violations": [], "entities": {"places": [{"value": "420000"}]}}', '2026-11-28 15:53:42.318575+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO review_rule (id, share, golden_share, by_user_id, why, created_at) VALUES
(1, 1, 0, 3, '试行', '2026-11-28 15:53:33.157486+00');

INSERT INTO subject_lookup (id, public_id, subject_id, case_id, platform_id, salt, state, answer, asked_by_id, asked_at, answered_at) VALUES
(1, 'lk_63af3925089bbd0365d96c77', 1, 1, 1, '\xfa1c13f89522412a09ad2625b630c017', 'ASKED', NULL, NULL, '2026-11-28 15:53:38.891985+00', NULL),
(2, 'lk_e1fe12b429027950bb20ded1', 1, 1, 2, '\x8e866bd3b373275b8cc76f39e04a4563', 'ASKED', NULL, NULL, '2026-11-28 15:53:38.891985+00', NULL);

INSERT INTO viewing (id, at, username, page, what, address) VALUES
(1, '2026-11-28 15:53:34.71899+00', 'handler', 'cases.show', 'case_id=4', '127.0.0.1');

INSERT INTO identity (id, subject_id, kind, value, shown, platform_id, shop_id, report_id) VALUES
(1, 1, 'uscc', '91110102MA4712GN19', '91110102MA4712GN19', 1, 1, 1),
(2, 2, 'shop_name', '利民百货', '利民百货', 1, 3, 3);

INSERT INTO subject_clue (key, subject_id) VALUES (-42, 2), (-42, 3);

INSERT INTO subject_pair (a_id, b_id, state, evidence, by_user_id, reason) VALUES
(2, 3, 'apart', '[{"kind": "name_address", "shown": "利民", "value": "-42"}]', 2, '两家不同的店');

INSERT INTO subject_conflict (id, subject_id, field, shop_id, value_a, shown_a, platform_a_id, value_b, shown_b, platform_b_id) VALUES
(1, 1, 'name', 2, '南浦市康宁药业有限公司', '南浦市康宁药业有限公司', 1, '康宁药业', '康宁药业', 2);

INSERT INTO appeal (id, order_id, platform_id, external_id, reason, payload) VALUES
(1, 1, 1, 'ap-1', '进货价上涨', '{"reason": "进货价上涨"}');

INSERT INTO saved_view (id, user_id, name, query) VALUES (1, 2, '药店', 'about=v%3Aprice_gouging');

SELECT setval('audit_entry_id_seq', 9);
SELECT setval('case_id_seq', 5);
SELECT setval('case_tally_id_seq', 28);
SELECT setval('claim_id_seq', 2);
SELECT setval('clock_id_seq', 2);
SELECT setval('decision_id_seq', 1);
SELECT setval('delivery_id_seq', 7);
SELECT setval('deny_entry_id_seq', 1);
SELECT setval('inbound_message_id_seq', 7);
SELECT setval('label_id_seq', 5);
SELECT setval('link_id_seq', 2);
SELECT setval('order_id_seq', 2);
SELECT setval('platform_id_seq', 2);
SELECT setval('report_id_seq', 7);
SELECT setval('review_id_seq', 2);
SELECT setval('review_rule_id_seq', 1);
SELECT setval('shop_id_seq', 4);
SELECT setval('subject_id_seq', 3);
SELECT setval('subject_lookup_id_seq', 2);
SELECT setval('user_id_seq', 8);
SELECT setval('viewing_id_seq', 5);
SELECT setval('wording_id_seq', 6);
SELECT setval('identity_id_seq', 2);
SELECT setval('subject_conflict_id_seq', 1);
SELECT setval('appeal_id_seq', 1);
SELECT setval('saved_view_id_seq', 1);

RESET session_replication_role;
