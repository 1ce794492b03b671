/* runtime/adapters/sip/reread.h - The files of the settings that may change while calls last: telephones, providers,
 * the certificate of SIP over TLS. The process lives as long as its calls, over restarts of gcxvm, so it reads them
 * again (watched.h). */
#pragma once

struct exchange;

/* Before the files are read for the first time. */
void reread_begin(struct exchange *);
