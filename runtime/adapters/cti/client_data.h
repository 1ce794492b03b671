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
 * Sending may end a client: client_send() closes a client that does not read. So nobody keeps a pointer to a client
 * over a send; client_find() finds it again by its number. A client that ends while its own bytes are read
 * (`feeding`) is freed when client_feed() is done.
 *
 * The files, from the lowest: clients.c finds clients; client_send.c sends to a client and ends it; client.c knows
 * its user; client_feed.c reads its requests. */
#pragma once

#include "runtime/adapter/address.h"
#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/lines.h"

struct client {
    struct cti *cti;
    struct client_wire wire;
    uint64_t id;
    struct switch_lines lines;
    int64_t tokens_us; /* time saved up for requests, in us: a second's worth at most */
    int64_t refilled_us;
    unsigned refused; /* lines in a row that were refused as too frequent */
    bool feeding;     /* client_feed() is running: the client is freed when it returns */
    bool ended;
    char address[ADDRESS_TEXT];
    bool known;              /* the client may make requests */
    const struct user *user; /* the user who has logged in; NULL: there are no users */
    bool by_password;        /* the client logged in by password or token, and so gets tokens */
    int64_t token_us;        /* when the client got its last token */
    struct {
        bool running;
        char user[NAME_SIZE], hash[HASH_SIZE];
        uint64_t reference;
    } login;
    unsigned registrations;
};

void client_free(struct client *);
void client_close(struct client *);
/* Sends an error to a client that may not stay, and closes it; the send itself closes a client that does not read. */
void client_dismiss(struct client *, enum code, const char *text);
