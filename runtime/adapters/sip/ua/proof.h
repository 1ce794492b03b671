/* runtime/adapters/sip/ua/proof.h - Our answers to challenges: the name and the password that a server asks for, by
 * digest (RFC 3261, section 22; RFC 2617). A server and a proxy before it may each ask. */
#ifndef SIP_UA_PROOF_H
#define SIP_UA_PROOF_H

#include "runtime/adapters/sip/ua/ua.h"

enum { PROOFS = 2 };

struct proof {
    char *realm, *nonce, *opaque; /* realm NULL: nobody has asked */
    bool counted;                 /* qop */
    uint32_t count;
    unsigned renewed; /* so often in a row its nonce was old when it was used first */
};

struct proofs {
    const char *name, *password; /* NULL: none is known */
    struct proof of[PROOFS];     /* for the server, and for the proxy */
};

/* The request may be sent again: its answer, 401 or 407, asks for what we have not proved in vain. */
bool proofs_take(struct proofs *, const struct sip_msg *answer);
void proofs_print(struct mbuf *, struct proofs *, const char *method, const char *uri);
void proofs_clear(struct proofs *);

#endif
