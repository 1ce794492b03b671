/* runtime/adapters/sip/reread.h - The files of the settings that may change while calls last: telephones, providers,
 * the certificate of SIP over TLS. The process runs as long as its calls, even over restarts of gcxvm, so it must
 * read changed files again (watched.h). */
#pragma once

struct exchange;

/* Must be called before the files are read for the first time. */
void reread_begin(struct exchange *);
