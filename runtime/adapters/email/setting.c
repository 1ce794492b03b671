/* runtime/adapters/email/setting.c - Reads and checks the settings of the e-mail adapter.
 *
 * The order matters: first all rows are read, then each is checked, and only then are the addresses split and
 * missing settings derived from them. `domain` and `from`, if they are missing, come from the first address:
 *
 *     addresses = sales@shop.example=sales,*@shop.example=rest
 *     own_domain = shop.example       own_from = sales@shop.example
 */
#include "config.h"
#include "runtime/adapters/email/setting.h"

#include <assert.h>
#include <glib.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/classifier.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "base/why.h"

#define SETTINGS_DEF    "runtime/adapters/email/settings.def"
#define SETTINGS_STRUCT struct email_setting
#include "runtime/adapter/settings_rows.h"
#include "runtime/vocabulary/denied.h"

/* Adds a row to `all` for a word such as "Sales@Shop.example=sales". The word is changed: a zero replaces the equals
 * sign. Addresses become lower case, queues stay as they are. */
static bool add_address(struct email_setting *setting, char *word, char *why, size_t why_size)
{
    char *queue = strchr(g_strstrip(word), '=');
    struct setting_address *row = &setting->all[setting->count];
    if (queue) *queue++ = 0;
    const char *at = strrchr(word, '@');
    if (!queue || !*queue || !at || at == word || !at[1] || !text_set(row->address, sizeof row->address, word) ||
        !text_set(row->queue, sizeof row->queue, queue))
        return why_set(why, why_size, "addresses: `%s` is not ADDRESS=QUEUE", word);
    for (char *c = row->address; *c; c++) *c = g_ascii_tolower(*c);
    setting->count++;
    return true;
}

/* Splits the addresses; memory for all words is allocated before the first is added. */
static bool read_addresses(struct email_setting *setting, char *why, size_t why_size)
{
    char **words = g_strsplit(setting->addresses, ",", SETTING_ADDRESSES_MAX);
    setting->all = memory_zeroed(g_strv_length(words) + 1, sizeof *setting->all);
    bool good = true;
    for (char **word = words; *word && good; word++) good = add_address(setting, *word, why, why_size);
    g_strfreev(words);
    if (!good || setting->count > 0) return good;
    return why_set(why, why_size, "addresses: none is set, so no mail could come; ADDRESS=QUEUE,...");
}

/* Sets `domain` and `from` from the first address if they are missing. */
static bool email_read_own(struct email_setting *setting, char *why, size_t why_size)
{
    assert(setting->count > 0); /* read_addresses() refuses an empty list */
    const char *first = setting->all[0].address, *domain = strchr(first, '@') + 1;
    if (!text_set(setting->own_domain, sizeof setting->own_domain, *setting->domain ? setting->domain : domain) ||
        !text_set(setting->own_from, sizeof setting->own_from, *setting->from ? setting->from : first))
        return why_set(why, why_size, "domain: it is too long, or `from` is");
    if (setting->own_from[0] == '*')
        return why_set(why, why_size, "from: it must be set where the first address is *@DOMAIN");
    if (setting_is_domain(setting->own_domain)) return true;
    return why_set(why, why_size, "domain: `%s` is no domain", setting->own_domain);
}

static bool names_good(const struct email_setting *setting, char *why, size_t why_size)
{
    char **words = g_strsplit(setting->names, ",", SETTING_ADDRESSES_MAX);
    bool good = true;
    for (char **word = words; *setting->names && *word && good; word++) {
        const char *at = strchr(*word, '@'), *name = strchr(*word, '=');
        good = at && name && at < name && name[1];
        if (!good) (void)why_set(why, why_size, "names: `%.100s` is not ADDRESS=NAME", g_strstrip(*word));
    }
    g_strfreev(words);
    return good;
}

static bool for_others_good(const struct email_setting *setting, char *why, size_t why_size)
{
    char **words = g_strsplit(setting->reply_to_is_sender, ",", SETTING_ADDRESSES_MAX);
    bool good = true;
    for (char **word = words; *word && good; word++) {
        const char *at = strchr(g_strstrip(*word), '@');
        good = at && at != *word && at[1];
        if (!good) (void)why_set(why, why_size, "reply_to_is_sender: `%.100s` is no ADDRESS", *word);
    }
    g_strfreev(words);
    return good;
}

bool email_setting_read(struct email_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    *setting = (struct email_setting){0};
    if (!setting_rows_read(setting, get, self, why, why_size)) return false;
    if (!settings_store("store", setting->store, setting->country, why, why_size)) return false;
    return setting_check(setting, why, why_size) && read_addresses(setting, why, why_size) &&
           email_read_own(setting, why, why_size) && names_good(setting, why, why_size) &&
           for_others_good(setting, why, why_size) && classifier_check(setting, why, why_size);
}

void email_setting_free(struct email_setting *setting)
{
    free(setting->all);
    setting->all = NULL;
    setting->count = 0;
}

/* Returns the queue of an address; a listed address comes before *@DOMAIN, in any order of the list. */
const char *setting_queue(const struct email_setting *setting, const char *address)
{
    const char *otherwise = NULL;
    for (size_t i = 0; i < setting->count; i++) {
        const struct setting_address *row = &setting->all[i];
        if (!denied_is_ours(row->address, span_of(address))) continue;
        if (row->address[0] != '*') return row->queue;
        otherwise = row->queue;
    }
    return otherwise;
}

bool setting_for_others(const struct email_setting *setting, const char *address)
{
    char **words = g_strsplit(setting->reply_to_is_sender, ",", SETTING_ADDRESSES_MAX);
    bool found = false;
    for (char **word = words; *word; word++) found |= g_ascii_strcasecmp(g_strstrip(*word), address) == 0;
    g_strfreev(words);
    return found;
}

/* Returns the name of the word "service@shop.example=The shop" if it is about this address. */
static char *setting_name_in(const char *word, const char *address)
{
    const char *name = strchr(word, '=');
    size_t length = name ? (size_t)(name - word) : 0;
    bool is = name && length == strlen(address) && g_ascii_strncasecmp(word, address, length) == 0;
    return is && name[1] ? g_strstrip(g_strdup(name + 1)) : NULL;
}

char *setting_name(const struct email_setting *setting, const char *address)
{
    char **words = g_strsplit(setting->names, ",", SETTING_ADDRESSES_MAX), *name = NULL;
    for (char **word = words; *word && !name; word++) name = setting_name_in(g_strstrip(*word), address);
    g_strfreev(words);
    return name;
}

bool setting_sends(const struct email_setting *setting, const char *address)
{
    char *name = setting_name(setting, address);
    bool sends = name || setting_queue(setting, address) || g_ascii_strcasecmp(setting->own_from, address) == 0;
    g_free(name);
    return sends;
}

/* Returns "mail.example:465" for "smtps://mail.example": the scheme's port is added. The caller frees it by free();
 * NULL: it is not a URL. */
char *setting_address(const char *url)
{
    CURLU *parts = curl_url();
    char *host = NULL, *port = NULL, *address = NULL;
    if (parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
        asprintf(&address, "%s:%s", host, port) < 0)
        abort();
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    return address;
}
