/* runtime/adapters/sip/ua/proof.h - Our answers to challenges: the name and the password that a server asks for, by
 * digest (RFC 3261, section 22; RFC 2617; SHA-256: RFC 8760). A server and a proxy before it may each ask.
 *
 * Owns copies of name and password. The password is overwritten when it is freed. */
#pragma once

#include "runtime/adapters/sip/ua/ua.h"

enum { PROOFS = 2 };

struct proof {
    char *realm, *nonce, *opaque; /* realm NULL: nobody has asked */
    bool counted;                 /* qop */
    bool sha256;                  /* the server's algorithm; else MD5 */
    uint32_t count;
    unsigned renewed; /* so often in a row its nonce was old when it was used first */
};

struct proofs {
    char *name, *password;   /* NULL: none is known */
    struct proof of[PROOFS]; /* for the server, and for the proxy */
};

void proofs_begin(struct proofs *, const char *name, const char *password);
void proofs_end(struct proofs *);
/* The request may be sent again: its answer, 401 or 407, asks for what we have not proved in vain. */
bool proofs_take(struct proofs *, const struct sip_msg *answer);
void proofs_print(struct mbuf *, struct proofs *, const char *method, const char *uri);
void proofs_clear(struct proofs *); /* forgets the challenges */
