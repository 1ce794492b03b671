/* runtime/adapters/sip/brought.h - The user data that an INVITE brings along from the network.
 *
 *     user_to_user   what an application over there says of the call (RFC 7433): its text, or its hexadecimal digits
 *     diverted_from  the number that the caller dialled first gave up (RFC 5806 Diversion, RFC 7044 History-Info)
 *     diverted_why   the reason that Diversion tells: no-answer, user-busy, unconditional ...
 *
 * A ConnID of 16 digits is no user data, but whose call it is (gcx-directory(5), access).
 *
 * The network says them, so they are as good as the trunk's word for a caller's number. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { BROUGHT_SIZE = 512 };

struct json_t;
struct sip_msg;

struct brought {   /* "": it brings none */
    uint64_t conn; /* the ConnID that another switch of ours sends along, in place of user_to_user; 0: none */
    char user_to_user[BROUGHT_SIZE], diverted_from[BROUGHT_SIZE], diverted_why[BROUGHT_SIZE];
};

/* `from_switch`: a ConnID is believed; else it is user data like another text. */
void brought_read(struct brought *, const struct sip_msg *invite, bool from_switch);
/* As an object, for the call model; NULL: there is nothing. */
struct json_t *brought_data(const struct brought *);
void brought_data_free(struct json_t *);
