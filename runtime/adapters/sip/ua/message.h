/* runtime/adapters/sip/ua/message.h - Writes messages; only for the files of the user agent. */
#pragma once

#include "runtime/adapters/sip/ua/ua.h"

enum { REQUEST_HOPS = 70 };

struct mbuf *message_new(void);
/* Writes an answer. `routes`: with Record-Route, so that the proxies stay in the dialog. */
struct mbuf *message_answer(const struct sip_msg *request, uint16_t status, const char *words, bool routes,
                            const struct content *);
struct way message_way_back(const struct ua *, const struct sip_msg *request);
