/* runtime/adapters/desk/recordings.h - Recordings of calls, which lie in the folder of the setting `recordings`, where
 * the plugin `sip` writes them: CONNID.wav, CONNID-2.wav and so on. Without the setting there are none. */
#pragma once

#include <jansson.h>

struct desk;
struct evhttp_request;

/* Answers which there are of the call `conn`, with their beginnings and lengths. */
void recordings_list(struct desk *, struct evhttp_request *, const json_t *params);
/* Sends the recording `number` of the call `conn`. */
void recordings_send(struct desk *, struct evhttp_request *, const json_t *params);
