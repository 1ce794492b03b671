## strategies: flows that people know, each in a folder with its site, schema, directory and tests.
strategiesdir = $(pkgdatadir)/strategies
dist_strategies_DATA = strategies/README.md
enterprisedir = $(strategiesdir)/enterprise
dist_enterprise_DATA = strategies/enterprise/enterprise.gcx strategies/enterprise/tests.gcx strategies/enterprise/exits.gcx \
	strategies/enterprise/site.gcx \
	strategies/enterprise/customers.sql strategies/enterprise/customers-data.sql strategies/enterprise/directory.sql \
	strategies/enterprise/crowd.sql
front_doordir = $(strategiesdir)/front_door
dist_front_door_DATA = strategies/front_door/front_door.gcx strategies/front_door/tests.gcx strategies/front_door/site.gcx \
	strategies/front_door/blocked.csv strategies/front_door/emergencies.csv strategies/front_door/directory.sql
hours_by_countrydir = $(strategiesdir)/hours_by_country
dist_hours_by_country_DATA = strategies/hours_by_country/hours_by_country.gcx strategies/hours_by_country/tests.gcx \
	strategies/hours_by_country/site.gcx strategies/hours_by_country/messages.sql strategies/hours_by_country/directory.sql
holidaysdir = $(hours_by_countrydir)/holidays
dist_holidays_DATA = strategies/hours_by_country/holidays/DE.txt strategies/hours_by_country/holidays/FR.txt \
	strategies/hours_by_country/holidays/GB.txt
identificationdir = $(strategiesdir)/identification
dist_identification_DATA = strategies/identification/identification.gcx strategies/identification/tests.gcx \
	strategies/identification/site.gcx strategies/identification/crm.sql strategies/identification/tickets.sql \
	strategies/identification/directory.sql
telephone_logindir = $(strategiesdir)/telephone_login
dist_telephone_login_DATA = strategies/telephone_login/telephone_login.gcx strategies/telephone_login/tests.gcx \
	strategies/telephone_login/site.gcx strategies/telephone_login/directory.sql
night_phonedir = $(strategiesdir)/night_phone
dist_night_phone_DATA = strategies/night_phone/night_phone.gcx strategies/night_phone/tests.gcx \
	strategies/night_phone/site.gcx strategies/night_phone/directory.sql
voice_messagedir = $(strategiesdir)/voice_message
dist_voice_message_DATA = strategies/voice_message/voice_message.gcx strategies/voice_message/tests.gcx \
	strategies/voice_message/site.gcx strategies/voice_message/directory.sql
three_sitesdir = $(strategiesdir)/three_sites
dist_three_sites_DATA = strategies/three_sites/three_sites.gcx strategies/three_sites/tests.gcx \
	strategies/three_sites/site.gcx strategies/three_sites/directory.sql
vip_billingdir = $(strategiesdir)/vip_billing
dist_vip_billing_DATA = strategies/vip_billing/vip_billing.gcx strategies/vip_billing/tests.gcx strategies/vip_billing/site.gcx \
	strategies/vip_billing/billing.sql strategies/vip_billing/directory.sql
language_fallbackdir = $(strategiesdir)/language_fallback
dist_language_fallback_DATA = strategies/language_fallback/language_fallback.gcx strategies/language_fallback/tests.gcx strategies/language_fallback/site.gcx \
	strategies/language_fallback/people.sql strategies/language_fallback/directory.sql
consultationdir = $(strategiesdir)/consultation
dist_consultation_DATA = strategies/consultation/consultation.gcx strategies/consultation/tests.gcx strategies/consultation/site.gcx \
	strategies/consultation/directory.sql
surveydir = $(strategiesdir)/survey
dist_survey_DATA = strategies/survey/survey.gcx strategies/survey/tests.gcx strategies/survey/site.gcx \
	strategies/survey/answers.sql strategies/survey/directory.sql
cascadedir = $(strategiesdir)/cascade
dist_cascade_DATA = strategies/cascade/cascade.gcx strategies/cascade/tests.gcx strategies/cascade/site.gcx \
	strategies/cascade/directory.sql
lendingdir = $(strategiesdir)/lending
dist_lending_DATA = strategies/lending/lending.gcx strategies/lending/tests.gcx strategies/lending/site.gcx \
	strategies/lending/reports.sql strategies/lending/directory.sql
call_backdir = $(strategiesdir)/call_back
dist_call_back_DATA = strategies/call_back/call_back.gcx strategies/call_back/tests.gcx strategies/call_back/site.gcx \
	strategies/call_back/directory.sql
email_servicedir = $(strategiesdir)/email_service
dist_email_service_DATA = strategies/email_service/email_service.gcx strategies/email_service/tests.gcx \
	strategies/email_service/site.gcx strategies/email_service/contacts.sql strategies/email_service/directory.sql
sms_pagingdir = $(strategiesdir)/sms_paging
dist_sms_paging_DATA = strategies/sms_paging/sms_paging.gcx strategies/sms_paging/tests.gcx strategies/sms_paging/site.gcx \
	strategies/sms_paging/directory.sql
sms_sessiondir = $(strategiesdir)/sms_session
dist_sms_session_DATA = strategies/sms_session/sms_session.gcx strategies/sms_session/tests.gcx strategies/sms_session/site.gcx \
	strategies/sms_session/directory.sql
mms_inboxdir = $(strategiesdir)/mms_inbox
dist_mms_inbox_DATA = strategies/mms_inbox/mms_inbox.gcx strategies/mms_inbox/tests.gcx strategies/mms_inbox/site.gcx \
	strategies/mms_inbox/directory.sql
socialdir = $(strategiesdir)/social
dist_social_DATA = strategies/social/social.gcx strategies/social/tests.gcx strategies/social/site.gcx strategies/social/directory.sql
knowledge_workerdir = $(strategiesdir)/knowledge_worker
dist_knowledge_worker_DATA = strategies/knowledge_worker/knowledge_worker.gcx strategies/knowledge_worker/tests.gcx \
	strategies/knowledge_worker/pool.gcx strategies/knowledge_worker/hand_on.gcx strategies/knowledge_worker/site.gcx strategies/knowledge_worker/directory.sql
web_chatdir = $(strategiesdir)/web_chat
dist_web_chat_DATA = strategies/web_chat/web_chat.gcx strategies/web_chat/tests.gcx strategies/web_chat/site.gcx \
	strategies/web_chat/directory.sql
blendeddir = $(strategiesdir)/blended
dist_blended_DATA = strategies/blended/blended.gcx strategies/blended/tests.gcx strategies/blended/site.gcx \
	strategies/blended/directory.sql
reminderdir = $(strategiesdir)/reminder
dist_reminder_DATA = strategies/reminder/reminder.gcx strategies/reminder/tests.gcx strategies/reminder/site.gcx \
	strategies/reminder/directory.sql
collectionsdir = $(strategiesdir)/collections
dist_collections_DATA = strategies/collections/collections.gcx strategies/collections/tests.gcx strategies/collections/site.gcx \
	strategies/collections/directory.sql
call_back_campaigndir = $(strategiesdir)/call_back_campaign
dist_call_back_campaign_DATA = strategies/call_back_campaign/call_back_campaign.gcx strategies/call_back_campaign/tests.gcx strategies/call_back_campaign/site.gcx \
	strategies/call_back_campaign/directory.sql
SCRIPT_TESTS += tests/language/strategies.sh
