/* runtime/adapters/sip/brought.h - The user data that an INVITE brings along from the network.
 *
 *     user_to_user   what an application over there says of the call (RFC 7433): its text, or its hexadecimal digits
 *     diverted_from  the number that the caller dialled first gave up (RFC 5806 Diversion, RFC 7044 History-Info)
 *     diverted_why   the reason that Diversion tells: no-answer, user-busy, unconditional ...
 *
 * If User-to-User is a ConnID of 16 digits, it is no user data: it names the call at another switch that this call
 * continues (gcx-directory(5), access).
 *
 * The user data of an INVITE come from the network, so they can be trusted as far as the caller's number that the
 * trunk sends. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { BROUGHT_SIZE = 512 };

struct json_t;
struct sip_msg;

struct brought {   /* "": it brings none */
    uint64_t conn; /* the ConnID that another switch of the site sends in User-to-User; 0: none */
    char user_to_user[BROUGHT_SIZE], diverted_from[BROUGHT_SIZE], diverted_why[BROUGHT_SIZE];
};

/* `from_switch`: the trunk leads to a switch of the site, so a ConnID is believed; else it is user data like any
 * text. */
void brought_read(struct brought *, const struct sip_msg *invite, bool from_switch);
/* The user data as a JSON object for the call model; NULL: there are none. */
struct json_t *brought_data(const struct brought *);
void brought_data_free(struct json_t *);
