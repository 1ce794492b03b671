/* runtime/adapters/sip/number.c - Reads the number that a URI names. */
#include "runtime/adapters/sip/number.h"

#include <string.h>

#include "runtime/adapters/cti/call.h"

void number_of_uri(const struct uri *uri, char *number, size_t size)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_.*#";
    bool tel = pl_strcasecmp(&uri->scheme, "tel") == 0;
    const struct pl *user = tel ? &uri->host : &uri->user; /* libre reads tel: as a URI without a user */
    const char *at = user->p;
    size_t length = 0;
    *number = '\0';
    for (size_t i = 0; at && i < user->l && at[i] != ';'; i++) {
        char one = at[i];
        if (one == '%' && i + 2 < user->l && at[i + 1] == '2' &&
            (at[i + 2] == '3' || at[i + 2] == 'B' || at[i + 2] == 'b')) {
            one = at[i + 2] == '3' ? '#' : '+';
            i += 2;
        }
        if (tel && one != '\0' && strchr("-.()", one)) continue; /* they only make it easier to read (RFC 3966) */
        if (one == '\0' || !strchr(plain, one) || length + 1 >= size || length + 1 >= NAME_SIZE) {
            *number = '\0'; /* nothing of it, rather than a part that is another number */
            return;
        }
        number[length++] = one;
        number[length] = '\0';
    }
}
