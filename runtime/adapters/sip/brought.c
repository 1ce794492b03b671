/* runtime/adapters/sip/brought.c - Reads what an INVITE brings along besides numbers.
 *
 *     User-to-User: 04313233;encoding=hex       -> user_to_user "123"; 04 says that text follows
 *     Diversion: <sip:200@x>;reason=no-answer   -> diverted_from "200", diverted_why "no-answer"
 *     History-Info: <sip:200@x>;index=1, <sip:300@x>;index=1.1   -> diverted_from "200"
 *
 * Diversion (RFC 5806) is believed before History-Info (RFC 7044), because it has the reason. All values come from
 * outside: what has control characters is left out, and what is too long is cut off or left out. */
#include "runtime/adapters/sip/brought.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "runtime/adapters/sip/number.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"

/* --- User-to-User: `68656c6c6f;encoding=hex;purpose=isdn-uui` --- */

static bool brought_is_printable(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) return false;
    return length > 0;
}

/* Reads User-to-User. Gateways put a byte before the data that names the protocol of the data: 4 is text (Q.931). */
static void brought_user_to_user(struct brought *brought, const struct pl *value, bool from_switch)
{
    char hex[BROUGHT_SIZE], bytes[BROUGHT_SIZE / 2 + 1];
    const char *end;
    size_t length = 0;
    struct pl data = *value;
    const char *params = pl_strchr(&data, ';');
    if (params) data.l = (size_t)(params - data.p);
    if (data.l >= 2 && *data.p == '"' && data.p[data.l - 1] == '"') data.p++, data.l -= 2;
    if (pl_strcpy(&data, hex, sizeof hex) != 0) return;
    bool decoded =
        sodium_hex2bin((unsigned char *)bytes, sizeof bytes - 1, hex, strlen(hex), NULL, &length, &end) == 0 &&
        *end == '\0';
    size_t skipped = decoded && length > 1 && bytes[0] == 4 ? 1 : 0;
    if (decoded && brought_is_printable(bytes + skipped, length - skipped)) {
        bytes[length] = '\0';
        if (!from_switch || !ident_read_conn(bytes + skipped, &brought->conn))
            text_set(brought->user_to_user, BROUGHT_SIZE, bytes + skipped);
    } else if (brought_is_printable(hex, strlen(hex))) {
        text_set(brought->user_to_user, BROUGHT_SIZE, hex);
    }
}

/* --- Diverted --- */

static bool brought_number(const struct pl *value, char number[BROUGHT_SIZE], struct pl *params)
{
    struct sip_addr address;
    *number = '\0';
    if (sip_addr_decode(&address, value) != 0) return false;
    number_of_uri(&address.uri, number, BROUGHT_SIZE);
    *params = address.params;
    return *number != '\0';
}

/* Reads the first entry of the list, which is the latest diversion (RFC 5806). The others are not read. */
static void brought_diversion(struct brought *brought, const struct pl *value)
{
    struct pl params, reason;
    char why[64];
    if (!brought_number(value, brought->diverted_from, &params)) return;
    const char *comma = pl_strchr(&params, ','); /* after the comma comes an earlier diversion */
    if (comma) params.l = (size_t)(comma - params.p);
    if (msg_param_decode(&params, "reason", &reason) != 0) return;
    if (reason.l > 2 && *reason.p == '"') reason.p++, reason.l -= 2;
    if (pl_strcpy(&reason, why, sizeof why) == 0 && brought_is_printable(why, strlen(why)))
        text_set(brought->diverted_why, BROUGHT_SIZE, why);
}

/* The last entry of History-Info is where the call is now; `before`, the entry before the last, is the number that
 * the call was diverted from. */
struct history {
    struct pl last, before;
};

static bool brought_entry(const struct sip_hdr *header, const struct sip_msg *message, void *self)
{
    struct history *history = self;
    (void)message;
    history->before = history->last;
    history->last = header->val;
    return false;
}

static void brought_history(struct brought *brought, const struct sip_msg *invite)
{
    struct history history = {{NULL, 0}, {NULL, 0}};
    struct pl params;
    (void)sip_msg_hdr_apply(invite, true, SIP_HDR_HISTORY_INFO, brought_entry, &history);
    if (history.before.p) (void)brought_number(&history.before, brought->diverted_from, &params);
}

void brought_read(struct brought *brought, const struct sip_msg *invite, bool from_switch)
{
    const struct sip_hdr *user = sip_msg_xhdr(invite, "User-to-User"), *diversion = sip_msg_xhdr(invite, "Diversion");
    *brought = (struct brought){0};
    if (user) brought_user_to_user(brought, &user->val, from_switch);
    if (diversion)
        brought_diversion(brought, &diversion->val);
    else
        brought_history(brought, invite);
}

/* Adds the value to the user data; an empty value is left out, so that a strategy sees no key without a value. */
static void brought_put(json_t *all, const char *key, const char *text)
{
    json_t *value = *text ? json_string(text) : NULL; /* an empty text has no value, nor has one that is no UTF-8 */
    if (value) json_object_set_new(all, key, value);
}

struct json_t *brought_data(const struct brought *brought)
{
    json_t *all = json_object();
    brought_put(all, "user_to_user", brought->user_to_user);
    brought_put(all, "diverted_from", brought->diverted_from);
    brought_put(all, "diverted_why", brought->diverted_why);
    if (json_object_size(all) > 0) return all;
    json_decref(all);
    return NULL;
}

void brought_data_free(struct json_t *data)
{
    json_decref(data);
}
