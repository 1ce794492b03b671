/* runtime/adapters/sip/number.c - Reads the number that a URI names.
 *
 *     sip:+49%2030@x;user=phone     ""        %20 hides a space: no number at all
 *     tel:+49-30-123                "+4930123"
 *     sip:1001@x                    "1001"
 *     sip:1001;ext=5@x              "1001"    parameters of the user are left out
 */
#include "runtime/adapters/sip/number.h"

#include <string.h>
#include <strings.h>

#include "runtime/adapters/cti/call.h"

/* True: the user of the URI is a telephone number, which may have signs that only make it easier to read (RFC 3966). */
static bool uri_is_telephone(const struct uri *uri)
{
    struct pl user;
    if (pl_strcasecmp(&uri->scheme, "tel") == 0) return true;
    return msg_param_decode(&uri->params, "user", &user) == 0 && pl_strcasecmp(&user, "phone") == 0 &&
           uri->user.l > 0 &&
           (*uri->user.p == '+' || *uri->user.p == '%' || (*uri->user.p >= '0' && *uri->user.p <= '9'));
}

/* Takes one character of the user; + and # may be written as %2B and %23. Other escapes stay as they are, so a user
 * with an escaped digit counts as no number. */
static char user_character(const char **at, const char *end)
{
    const char *one = *at;
    bool plus = end - one >= 3 && strncasecmp(one, "%2B", 3) == 0, hash = end - one >= 3 && strncmp(one, "%23", 3) == 0;
    *at = one + (plus || hash ? 3 : 1);
    return plus ? '+' : hash ? '#' : *one;
}

void number_of_uri(const struct uri *uri, char *number, size_t size)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_.*#";
    bool tel = pl_strcasecmp(&uri->scheme, "tel") == 0, telephone = uri_is_telephone(uri);
    /* libre reads tel: as a URI without a user, with the number as its host */
    const struct pl *user = tel ? &uri->host : &uri->user;
    size_t length = 0;
    *number = '\0';
    if (!user->p) return;
    for (const char *at = user->p, *end = at + user->l; at < end && *at != ';';) {
        char one = user_character(&at, end);
        if (telephone && one != '\0' && strchr("-.()", one)) continue;
        if (one == '\0' || !strchr(plain, one) || length + 1 >= size || length + 1 >= NAME_SIZE) {
            *number = '\0'; /* gives no number at all, because the part read so far would be another number */
            return;
        }
        number[length++] = one;
        number[length] = '\0';
    }
}
