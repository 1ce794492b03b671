/* runtime/adapters/webhook/setting.c - Reads and checks the settings of the plugin `webhook`. */
#include "runtime/adapters/webhook/setting.h"

#include <glib.h>

#include "runtime/vocabulary/reserved.h"
#include "runtime/adapters/webhook/hosts.h"
#include "runtime/adapters/webhook/network.h"
#include "base/why.h"

#define SETTINGS_DEF    "runtime/adapters/webhook/settings.def"
#define SETTINGS_STRUCT struct webhook_setting
#include "runtime/adapter/settings_rows.h"
#include "runtime/vocabulary/denied.h"

/* Are all settings there that the network's data file needs, besides those of network_given_read()? */
static bool setting_serves(const struct webhook_setting *setting, char *why, size_t why_size)
{
    const struct network *network = setting->of;
    if (*setting->templates && !network->write.template)
        return why_set(why, why_size, "templates: %s has no templates", network->name);
    if (network->challenge_token && !*setting->verify_token)
        return why_set(why, why_size, "verify_token: it is not set, and %s asks for it", network->name);
    char **hosts = g_strsplit(setting->hosts, ",", -1), **host = hosts;
    while (*host && hosts_name_is_good(g_strstrip(*host))) host++;
    bool named = !*host;
    g_strfreev(hosts);
    if (!named)
        return why_set(why, why_size, "hosts: `%.80s` are no names of hosts; files.example.org", setting->hosts);
    return true;
}

/* Reads the settings; after a failure the caller frees those that were read, by webhook_setting_free(). */
bool webhook_setting_read(struct webhook_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    char reason[512];
    *setting = (struct webhook_setting){0};
    if (!setting_rows_read(setting, get, self, why, why_size)) return false;
    if (!settings_store("store", setting->store, setting->country, why, why_size)) return false;
    if (!*setting->queue) return why_set(why, why_size, "queue: none is set, so no message could come");
    if (!*setting->network) return why_set(why, why_size, "network: no file is set");
    setting->of = network_open(setting->network, reason, sizeof reason);
    if (!setting->of) return why_set(why, why_size, "network: %s", reason);
    setting->given =
        (struct network_given){.base = setting->base, .account = setting->account, .public_url = setting->public_url};
    if (!network_given_read(&setting->given, setting->of, setting->token_file, setting->secret_file, why, why_size))
        return false;
    return reserved_rules_good(&(struct reserved_rules){setting->languages, setting->words}, NULL, NULL, why,
                               why_size) &&
           setting_serves(setting, why, why_size);
}

bool webhook_address_is_ours(const struct webhook_setting *setting, const char *address)
{
    bool found = denied_is_ours(setting->account, span_of(address));
    char **ours = g_strsplit(setting->ours, ",", -1);
    for (char **one = ours; *one; one++) found = found || denied_is_ours(g_strstrip(*one), span_of(address));
    g_strfreev(ours);
    return found;
}

void webhook_setting_free(struct webhook_setting *setting)
{
    network_free(setting->of);
    network_given_free(&setting->given);
    *setting = (struct webhook_setting){0};
}
