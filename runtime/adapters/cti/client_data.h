/* runtime/adapters/cti/client_data.h - A client, for the files of clients.
 *
 * A client's life:
 *
 *     client_new()            greeted; it may do all (no users), is known by its certificate, or must log in
 *     client_authenticate()   its password goes to the thread (logins.h); client_verified() comes back
 *     client_resume()         or a token, which is checked here
 *     become()                it is known: its lines may be long, and it may ask
 *     client_feed()           each line is a request: rate, form, then requests.c
 *     client_lost()            it is out of every list; its asks go on without it
 *
 * Sending may end a client: one that does not read is closed within client_send(). So nobody keeps a pointer to a
 * client across a send; client_find() looks it up again by its number. A client that ends while its own bytes are
 * read (`feeding`) is freed when client_feed() is done.
 *
 * Floors, from below: clients.c finds them; client_send.c sends to one and ends it; client.c knows who it is;
 * client_feed.c reads what it asks. */
#pragma once

#include "runtime/adapter/address.h"
#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/lines.h"

struct client {
    struct cti *cti;
    struct client_wire wire;
    uint64_t id;
    struct switch_lines lines;
    int64_t tokens_us; /* time saved up for requests: a second's worth at most */
    int64_t refilled_us;
    unsigned refused; /* lines in a row, as there were too many */
    bool feeding;     /* inside client_feed(): freed when that ends */
    bool ended;
    char address[ADDRESS_TEXT];
    bool known;              /* it may do something */
    const struct user *user; /* as whom; NULL: users are not told apart */
    bool by_password;        /* or by a token: it has been given one */
    int64_t token_us;        /* and when that was last */
    struct {
        bool running;
        char user[NAME_SIZE], hash[HASH_SIZE];
        uint64_t reference;
    } login;
    unsigned registrations;
};

void client_free(struct client *);
void client_close(struct client *);
/* The last words to a client that may not stay: where it does not read them, it is gone by them. */
void client_dismiss(struct client *, enum code, const char *text);
