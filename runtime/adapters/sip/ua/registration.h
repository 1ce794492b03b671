/* runtime/adapters/sip/ua/registration.h - Our registration at a provider (RFC 3261, section 10).
 *
 * The registration is renewed after nine tenths of its time; after a failure it is tried again after half a minute,
 * then after twice as long each time, half an hour at most. The owner is told of the result of each try. */
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

/* Returns 0 or an errno; the registration exists even if its first try has failed. */
int registration_begin(struct registration **, struct ua *, const struct registration_ask *);
/* `says`: the registrar is told, if we are registered; its answer is not waited for. NULL: nothing. */
void registration_end(struct registration *, bool says);
