/* runtime/adapters/sip/telephones.c - The table of telephones, and its file.
 *
 *     # comment
 *     1001 secret        DN and password
 *     1002 -             registers at another exchange: no call goes there from here
 *
 * The password is not kept: only MD5(DN:realm:password), which digest authentication needs. The bytes of the file
 * are overwritten in memory after it was read. The table has the telephones in one array; `by_dn` maps a DN to the
 * telephone's number, counted from 1, because 0 means that the DN is not there. */
#include "runtime/adapters/sip/telephones.h"

#include <glib.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/settings.h"
#include "runtime/vocabulary/bytes.h"
#include "base/file.h"
#include "base/memory.h"

/* --- The file --- */

static void telephone_add(struct telephones *telephones, const struct telephone *telephone)
{
    if (!telephones->by_dn) telephones->by_dn = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    telephones->all = memory_more(telephones->all, telephones->count, sizeof *telephones->all);
    telephones->all[telephones->count++] = *telephone;
    g_hash_table_insert(telephones->by_dn, g_strdup(telephone->dn), GUINT_TO_POINTER(telephones->count));
}

static bool telephone_line(struct telephones *telephones, char *line, const char *realm)
{
    char *blank = strpbrk(line, " \t");
    struct telephone telephone = {0};
    if (!blank) return false;
    *blank = '\0';
    const char *password = blank + 1 + strspn(blank + 1, " \t");
    if (!*password || strpbrk(line, "\"\\:") || telephones_find(telephones, line) ||
        !text_set(telephone.dn, sizeof telephone.dn, line))
        return false;
    telephone.elsewhere = strcmp(password, "-") == 0;
    md5_printf(telephone.ha1, "%s:%s:%s", line, realm, password);
    telephone_add(telephones, &telephone);
    return true;
}

/* Reads the file of telephones, which other users must not be able to read. Each reading makes a random secret for
 * nonces; when the file is read again, the table keeps the first secret. */
bool telephones_read(struct telephones *telephones, const char *path, const char *realm, char *why, size_t why_size)
{
    enum { FILE_MAX = 16 * 1024 * 1024 };
    char said[256], *rest;
    const char *reason;
    size_t length;
    *telephones = (struct telephones){0};
    randombytes_buf(telephones->secret, sizeof telephones->secret);
    if (!*path) return true;
    if (!setting_private(path, said, sizeof said)) {
        snprintf(why, why_size, "telephones: %s", said);
        return false;
    }
    char *file = file_read(path, FILE_MAX, &length, &reason);
    if (!file) {
        snprintf(why, why_size, "telephones: %s: %s", path, reason);
        return false;
    }
    unsigned number = 0;
    bool good = true;
    rest = file;
    for (char *line; good && (line = strsep(&rest, "\n"));) {
        number++;
        line = file_secret(line);
        good = *line == '\0' || *line == '#' || telephone_line(telephones, line, realm);
    }
    if (!good)
        snprintf(why, why_size, "telephones: %s: line %u is not DN PASSWORD, or its DN is there twice", path, number);
    sodium_memzero(file, length);
    free(file);
    return good;
}

void telephones_free(struct telephones *telephones)
{
    free(telephones->all);
    if (telephones->by_dn) g_hash_table_destroy(telephones->by_dn);
    *telephones = (struct telephones){0};
}

struct telephone *telephones_find(const struct telephones *telephones, const char *dn)
{
    if (telephones->count == 0) return NULL;
    unsigned number = GPOINTER_TO_UINT(g_hash_table_lookup(telephones->by_dn, dn));
    return number == 0 ? NULL : &telephones->all[number - 1];
}

bool telephones_know(const struct telephones *telephones, const struct sa *source)
{
    for (unsigned i = 0; i < telephones->count; i++)
        if (telephones->all[i].registered && sa_cmp(&telephones->all[i].at, source, SA_ALL)) return true;
    return false;
}

/* Writes the URI of the telephone: behind an edge it is the telephone's own contact, and the edge is the route. */
bool telephone_uri(const struct telephone *telephone, char uri[TELEPHONE_URI], const char **route)
{
    *route = *telephone->path ? telephone->path : NULL;
    if (*route) return text_set(uri, TELEPHONE_URI, telephone->contact);
    return re_snprintf(uri, TELEPHONE_URI, "sip:%s@%J%s", telephone->user, &telephone->at,
                       ua_transport_param(telephone->transport)) > 0;
}

/* Does the message come from this telephone behind an edge? A caller behind the same edge may have a Contact with
 * the user of a telephone, but not with its host, too. The edge may have written another host there than at the
 * REGISTER: then the telephone is recognised by its From, which has its DN and the domain of the number it calls. */
static bool telephone_tells(const struct telephone *telephone, const struct sip_msg *message, const struct uri *contact)
{
    const struct uri *from = &message->from.uri;
    struct pl kept;
    struct uri own;
    pl_set_str(&kept, telephone->contact);
    if (pl_strcmp(&contact->user, telephone->user) != 0) return false;
    return uri_decode(&own, &kept) != 0 || pl_casecmp(&own.host, &contact->host) == 0 ||
           (pl_strcmp(&from->user, telephone->dn) == 0 && pl_casecmp(&from->host, &message->to.uri.host) == 0);
}

bool telephones_wrote(const struct telephones *telephones, const struct sip_msg *message)
{
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_CONTACT);
    struct sip_addr contact;
    if (!header || sip_addr_decode(&contact, &header->val) != 0) return false;
    for (unsigned i = 0; i < telephones->count; i++) {
        const struct telephone *telephone = &telephones->all[i];
        if (telephone->registered && sa_cmp(&telephone->at, &message->src, SA_ALL) &&
            telephone_tells(telephone, message, &contact.uri))
            return true;
    }
    return false;
}
