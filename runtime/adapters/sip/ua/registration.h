/* runtime/adapters/sip/ua/registration.h - Our registration at a provider (RFC 3261, section 10).
 *
 * Renewed at nine tenths of its time; one that fails is tried again after half a minute, and then twice as long each
 * time, half an hour at most. The owner hears each end of a try. */
#pragma once

#include "runtime/adapters/sip/ua/dialog.h"

struct registration;

struct registration_ask {
    const char *registrar, *uri, *contact;
    uint32_t seconds;
    const char *name, *password;
    request_answered *told;
    void *self;
};

/* Returns errno; it is there also where its first try has failed. */
int registration_begin(struct registration **, struct ua *, const struct registration_ask *);
/* `says`: it is taken back, where it is there; nobody waits for the answer. NULL: nothing. */
void registration_end(struct registration *, bool says);
