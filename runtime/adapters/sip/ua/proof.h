/* runtime/adapters/sip/ua/proof.h - Proofs for challenges: name and password, by digest, for a server that asks for
 * them (RFC 3261, section 22; RFC 2617; SHA-256: RFC 8760). Both a server and a proxy before it may ask for a proof.
 *
 * The proofs own copies of name and password. The password is overwritten in memory when they are freed. */
#pragma once

#include "runtime/adapters/sip/ua/ua.h"

enum { PROOFS = 2 };

struct proof {
    char *realm, *nonce, *opaque; /* realm NULL: there is no challenge yet */
    bool counted;                 /* qop */
    bool sha256;                  /* the challenge wants SHA-256; false: MD5 */
    uint32_t count;
    unsigned renewed; /* how many challenges in a row called a nonce old at its first use */
};

struct proofs {
    char *name, *password;   /* NULL: none is known */
    struct proof of[PROOFS]; /* one for the server, and one for the proxy */
};

void proofs_begin(struct proofs *, const char *name, const char *password);
void proofs_end(struct proofs *);
/* Takes the challenge in an answer 401 or 407; true: the request may be sent again with a proof; false: a proof for
 * it was refused already, or cannot be made. */
bool proofs_take(struct proofs *, const struct sip_msg *answer);
void proofs_print(struct mbuf *, struct proofs *, const char *method, const char *uri);
void proofs_clear(struct proofs *); /* forgets the challenges */
