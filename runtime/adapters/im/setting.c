/* runtime/adapters/im/setting.c - Reads and checks the settings of the plugin `im`, and its file of knowledge workers.
 */
#include "runtime/adapters/im/setting.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "base/memory.h"
#include "base/why.h"
#include "runtime/web/origins.h"

#define SETTINGS_DEF    "runtime/adapters/im/settings.def"
#define SETTINGS_STRUCT struct im_setting
#include "runtime/adapter/settings_rows.h"

enum { AGENT_NAME_MAX = 64, WORKERS_FILE_MAX = 8 << 20 };

/* ---- addresses ---- */

bool im_jid_bare(const char *jid, char bare[JID_MAX])
{
    size_t length = strcspn(jid, "/"), i = 0;
    const char *at = memchr(jid, '@', length);
    if (length == 0 || length >= JID_MAX || at == jid || (at && at + 1 == jid + length)) return false;
    for (; i < length; i++) {
        if ((unsigned char)jid[i] <= ' ' || strchr("\"&'<>:", jid[i])) return false;
        bare[i] = g_ascii_tolower(jid[i]);
    }
    bare[length] = 0;
    return true;
}

const char *im_jid_resource(const char *jid)
{
    const char *slash = strchr(jid, '/');
    return slash ? slash + 1 : "";
}

void im_jid_local(const char *bare, char local[JID_MAX])
{
    const char *at = strchr(bare, '@');
    g_strlcpy(local, bare, at ? (size_t)(at - bare) + 1 : 1);
}

/* ---- the file of the knowledge workers ---- */

static void worker_row_free(gpointer given)
{
    struct worker_row *row = given;
    g_free(row->agent), g_free(row->jid);
    free(row);
}

/* Reads a worker's line; returns NULL, or what is wrong with it. */
static const char *worker_row_read(struct im_setting *setting, GHashTable *known, const char *line)
{
    char jid[JID_MAX], **words = g_strsplit_set(line, " \t", -1);
    const char *word[3] = {NULL, NULL, NULL}, *why = NULL;
    unsigned count = 0;
    for (char **at = words; *at && count < 3; at++)
        if (**at) word[count++] = *at;
    if (count != 2)
        why = "AGENT JID is wanted";
    else if (strlen(word[0]) > AGENT_NAME_MAX || !g_utf8_validate(word[0], -1, NULL))
        why = "the agent's name is too long, or no UTF-8";
    else if (!g_utf8_validate(word[1], -1, NULL) || !im_jid_bare(word[1], jid) || !strchr(jid, '@'))
        why = "the second word is no JID, NAME@DOMAIN";
    else if (g_hash_table_contains(known, word[0]) || g_hash_table_contains(known, jid))
        why = "an agent has one JID, and a JID one agent";
    if (!why) {
        struct worker_row *row = memory_zeroed(1, sizeof *row);
        row->agent = g_strdup(word[0]), row->jid = g_strdup(jid);
        g_ptr_array_add(setting->all_workers, row);
        g_hash_table_add(known, row->agent);
        g_hash_table_add(known, row->jid);
    }
    g_strfreev(words);
    return why;
}

static bool workers_read(struct im_setting *setting, char *why, size_t why_size)
{
    char *text = NULL;
    gsize length;
    GError *error = NULL;
    const char *wrong = NULL;
    unsigned line = 0;
    setting->all_workers = g_ptr_array_new_with_free_func(worker_row_free);
    if (!*setting->workers) return why_set(why, why_size, "workers: no file is set");
    if (!g_file_get_contents(setting->workers, &text, &length, &error)) {
        why_set(why, why_size, "workers: %s", error->message);
        g_error_free(error);
        return false;
    }
    if (length > WORKERS_FILE_MAX || strlen(text) != length) wrong = "the file is too long, or no text";
    char **lines = g_strsplit(wrong ? "" : text, "\n", -1);
    GHashTable *known = g_hash_table_new(g_str_hash, g_str_equal);
    for (; lines[line] && !wrong; line++) {
        lines[line][strcspn(lines[line], "#\r")] = 0;
        if (*g_strstrip(lines[line])) wrong = worker_row_read(setting, known, lines[line]);
    }
    if (wrong) why_set(why, why_size, "workers: %s: line %u: %s", setting->workers, line, wrong);
    g_hash_table_destroy(known);
    g_strfreev(lines);
    g_free(text);
    return !wrong;
}

/* ---- all settings ---- */

/* Reads the queues. The names of queues are used before the @ of addresses, where a dot separates them from the number
 * of an interaction. */
static bool im_queues_read(struct im_setting *setting, char *why, size_t why_size)
{
    setting->all_queues = web_words_read(setting->queues);
    if (!setting->all_queues[0]) return why_set(why, why_size, "queues: none is set, so nobody could be written to");
    for (char **queue = setting->all_queues; *queue; queue++) {
        char bare[JID_MAX];
        bool good = strlen(*queue) <= AGENT_NAME_MAX && im_jid_bare(*queue, bare) && !strpbrk(*queue, "@/") &&
                    strcmp(*queue, bare) == 0;
        if (!good)
            return why_set(why, why_size, "queues: `%.80s` cannot stand before the @ of an address in small letters",
                           *queue);
    }
    return true;
}

static bool im_server_good(const struct im_setting *setting, char *why, size_t why_size)
{
    char host[256], bare[JID_MAX], reason[200];
    if (!address_split(setting->server, host, reason, sizeof reason))
        return why_set(why, why_size, "server: %s", reason);
    if (!address_says_loopback(setting->server) && !setting_yes(setting->insecure))
        return why_set(why, why_size, "server: `%.80s` is another machine, and the protocol has no TLS: insecure = yes",
                       setting->server);
    if (!im_jid_bare(setting->domain, bare) || strpbrk(setting->domain, "@/") || strcmp(bare, setting->domain) != 0)
        return why_set(why, why_size, "domain: `%.80s` is no domain in small letters", setting->domain);
    if (!*setting->secret_file) return why_set(why, why_size, "secret_file: no file is set");
    return true;
}

bool im_setting_read(struct im_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    *setting = (struct im_setting){0};
    return setting_rows_read(setting, get, self, why, why_size) &&
           settings_store("store", setting->store, setting->country, why, why_size) &&
           im_server_good(setting, why, why_size) && im_queues_read(setting, why, why_size) &&
           workers_read(setting, why, why_size) &&
           secret_read(&setting->secret, setting->secret_file, "secret_file", why, why_size);
}

void im_setting_free(struct im_setting *setting)
{
    secret_free(&setting->secret);
    g_strfreev(setting->all_queues);
    if (setting->all_workers) g_ptr_array_free(setting->all_workers, TRUE);
    *setting = (struct im_setting){0};
}
