/* runtime/adapters/sip/telephones.h - The agents' telephones: who may register, who has, and where each is reached.
 *
 * A telephone registers by digest (RFC 3261 section 22) and is reached where its
 * REGISTER came from, so that no telephone can have another machine called. Wrong passwords of a telephone from one
 * address are counted; too many, and the telephone is not answered there for a while, though others behind the same
 * router are. Many more, and the address is not answered. A proof holds once: of each nonce by which a telephone has
 * proved itself the highest count is known, and a later proof counts higher. The table owns the telephones. */
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
    uint32_t count;     /* the highest count that a proof with this nonce has had */
};

struct telephone {
    char dn[NAME_SIZE];
    uint8_t ha1[MD5_SIZE];
    bool elsewhere; /* it registers with the proxy in front, and is always in service here */
    bool registered;
    bool refused;              /* it has refused a call before it rang, and the core leaves it alone for a while */
    char user[TELEPHONE_USER]; /* the user in its contact's URI */
    char contact[TELEPHONE_CONTACT]; /* the contact that it registered; "": too long, or no plain text */
    char path[TELEPHONE_PATH];       /* the path of the edge proxy before it; "": it is called at `at` */
    struct sa at;
    enum sip_transp transport;
    char registration[TELEPHONE_USER]; /* the registration's Call-ID; `instance`: the device's own name (RFC 5626); "":
                                          none, or too long */
    char instance[TELEPHONE_USER];
    uint64_t until_ms;
    struct alive alive;
    struct nonce_used nonces[NONCES];
    uint64_t nonces_after_us; /* only nonces of a later moment are taken; what was older is not known any more */
};

struct guesser { /* one address that tries passwords */
    struct sa source;
    char dn[NAME_SIZE]; /* whose password it tries; "": of all telephones */
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
    struct _GHashTable *by_dn;     /* the number of each, from 1 on, by its DN; NULL: there is none */
    uint8_t secret[SECRET];        /* of nonces */
    uint64_t last_nonce_us;        /* the moment of the last nonce: no two have the same */
    struct guesses of_one, of_all; /* wrong passwords by address and telephone, and by address alone */
};

/* Reads the lines `DN PASSWORD`, and `DN -` of a telephone that registers elsewhere. False with the reason. */
bool telephones_read(struct telephones *, const char *path, const char *realm, char *why, size_t why_size);
void telephones_free(struct telephones *);
struct telephone *telephones_find(const struct telephones *, const char *dn);
/* Is a telephone registered from that address? */
bool telephones_know(const struct telephones *, const struct sa *source);
/* Has a telephone with this Contact registered, and does the message come from the address that it
 * registered from? */
bool telephones_wrote(const struct telephones *, const struct sip_msg *);

/* Returns the telephone that has proved by its password that the request is its own (RFC 3261 section 22). NULL: the
 * request has been answered, or its sender has guessed too often and is told nothing. */
struct telephone *telephone_proved(struct exchange *, const struct sip_msg *);
/* Answers a REGISTER, and tells the call model. */
void telephones_register(struct exchange *, const struct sip_msg *);
/* Lets calls come to a telephone again, whatever it refused before, as it has registered anew or dials. */
void telephone_speaks(struct exchange *, struct telephone *);
/* Writes the URI by which the telephone is called, and sets the route to it, NULL if no proxy is between. False: no
 * room. */
bool telephone_uri(const struct telephone *, char uri[TELEPHONE_URI], const char **route);
void telephone_is(struct exchange *, struct telephone *, bool registered); /* sets the telephone in or out of service */
/* Ends registrations that are over, and keeps the ways to telephones open. */
void telephones_tick(struct exchange *);
