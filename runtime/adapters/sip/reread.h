/* runtime/adapters/sip/reread.h - The files of the settings that may change while calls last: telephones, providers,
 * the certificate of SIP over TLS. The process lives as long as its calls, over restarts of gcxvm, so it reads them
 * again.
 *
 * A file is read once it has been the same for a second, since whoever writes it may not be done. What is wrong in it
 * is logged, and what was read before goes on. One that lacks telephones or providers of before, as one that is empty
 * or half written, counts once it has been the same for a minute. */
#pragma once

#include <stdint.h>

#include "runtime/adapter/tls.h"

struct exchange;

enum { REREAD_TELEPHONES, REREAD_PROVIDERS, REREAD_CERTIFICATE, REREAD_FILES };

struct reread_file {
    struct watched file;
    bool due;          /* it has changed */
    uint64_t loses_ms; /* somebody of before is not in it, and is lost then; 0: nobody */
};

struct reread {
    struct reread_file files[REREAD_FILES];
    uint64_t looked_ms;
};

/* Before the files are read for the first time. */
void reread_begin(struct exchange *);
void reread_tick(struct exchange *);
