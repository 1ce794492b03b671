/* runtime/adapters/sip/telephones.h - The agents' telephones: which may register, which are registered, and where
 * each is reached.
 *
 * A telephone registers by digest (RFC 3261 section 22) and is reached at the address from which its REGISTER came, so
 * that no telephone can have another machine called. Wrong passwords for a telephone from one address are counted; if
 * there are too many, that telephone is not answered at that address for a while, though others behind the same router
 * are. If there are many more wrong passwords from one address, no telephone is answered at that address. A proof is
 * accepted once: for each nonce used by a telephone the highest count is remembered, and a later proof must have a
 * higher one. The table owns the telephones. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/cti/call.h"
#include "runtime/adapters/sip/alive.h"
#include "runtime/adapters/sip/ua/ua.h"

enum {
    TELEPHONE_USER = 64,
    TELEPHONE_CONTACT = 160,
    TELEPHONE_PATH = 200,
    TELEPHONE_URI = 256,
    GUESSERS = 64,
    GUESSES = 10,
    GUESSES_ALL = 100,
    GUESS_MS = 60000,
    NONCE_MS = 60000,
    NONCES = 4,
    SECRET = 32
};

struct nonce_used {
    uint64_t moment_us; /* 0: none */
    uint32_t count;     /* the highest count in a proof with this nonce */
};

struct telephone {
    char dn[NAME_SIZE];
    uint8_t ha1[MD5_SIZE];
    bool elsewhere; /* the telephone registers with the proxy before us, and always counts as in service */
    bool registered;
    bool refused;              /* the telephone refused a call before ringing; the core offers it none for a while */
    char user[TELEPHONE_USER]; /* the user in the URI of its Contact */
    /* the Contact that it registered; "": it was too long, or had unusual characters */
    char contact[TELEPHONE_CONTACT];
    char path[TELEPHONE_PATH]; /* the URI of the edge proxy before the telephone; "": none, it is called at `at` */
    struct sa at;
    enum sip_transp transport;
    char registration[TELEPHONE_USER]; /* the Call-ID of its REGISTER; `instance`: the device's own name (RFC 5626);
                                        * "": none, or too long */
    char instance[TELEPHONE_USER];
    uint64_t until_ms;
    struct alive alive;
    struct nonce_used nonces[NONCES];
    uint64_t nonces_after_us; /* nonces up to this time are refused: their counts are not known any more */
};

struct guesser { /* an address that tries passwords */
    struct sa source;
    char dn[NAME_SIZE]; /* the telephone whose password the address tries; "": of all telephones together */
    unsigned count;
    uint64_t since_ms;
};

struct guesses {
    struct guesser all[GUESSERS];
    unsigned next;
};

struct telephones {
    struct telephone *all;
    unsigned count;
    struct _GHashTable *by_dn;     /* the index of each telephone plus 1, by its DN; NULL: there is none */
    uint8_t secret[SECRET];        /* of nonces */
    uint64_t last_nonce_us;        /* the time in the last nonce: each nonce has another one */
    struct guesses of_one, of_all; /* wrong passwords by address and telephone, and by address alone */
};

/* Reads the lines `DN PASSWORD`, and `DN -` for a telephone that registers elsewhere. False with the reason. */
bool telephones_read(struct telephones *, const char *path, const char *realm, char *why, size_t why_size);
void telephones_free(struct telephones *);
struct telephone *telephones_find(const struct telephones *, const char *dn);
/* Is a telephone registered at that address? */
bool telephones_know(const struct telephones *, const struct sa *source);
/* Has a telephone with this Contact registered, and does the message come from the address that it
 * registered from? */
bool telephones_wrote(const struct telephones *, const struct sip_msg *);

/* Returns the telephone that has proved by its password that the request is its own (RFC 3261 section 22). NULL: the
 * request has been answered, or its sender has guessed too often and gets no answer. */
struct telephone *telephone_proved(struct exchange *, const struct sip_msg *);
/* Answers a REGISTER, and reports the telephone's state to the call model. */
void telephones_register(struct exchange *, const struct sip_msg *);
/* Lets the core offer calls to a telephone that had refused one: it has registered again or dials. */
void telephone_speaks(struct exchange *, struct telephone *);
/* Writes the URI by which the telephone is called, and sets the route to it; NULL: no proxy is between. False: no
 * room. */
bool telephone_uri(const struct telephone *, char uri[TELEPHONE_URI], const char **route);
void telephone_is(struct exchange *, struct telephone *, bool registered); /* sets the telephone in or out of service */
/* Ends registrations whose time is over, and sends OPTIONS to telephones behind routers. */
void telephones_tick(struct exchange *);
