/* runtime/adapters/dialer/setting.c - Reads and checks the settings of the dialer.
 *
 * The session is the name under which the dialer owns records of the lists. Two dialers with one name would take each
 * other's records for their own; one dialer with a new name would not recognize its own after a restart. So the name
 * must differ between dialers and be the same at each start. The setting `session` comes first. If another machine may
 * lead the same journal, the name is made from the journal, so that the dialer there has the same name. If not,
 * own_session() makes the name. */
#include "runtime/adapters/dialer/setting.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/lists/lists.h"

#define SETTINGS_DEF    "runtime/adapters/dialer/settings.def"
#define SETTINGS_STRUCT struct dialer_setting
#include "runtime/adapter/settings_rows.h"

/* Writes "HOST/ADAPTER-HASH", which differs between dialers of two machines, even with the same host name, of one
 * gcxvm, and of two gcxvm on one machine: the hash is made from the machine's id, its full name and the state
 * folder. */
static void own_session(struct dialer_setting *setting, const char *own_files)
{
    char host[64] = "", *machine = NULL;
    const char *name = own_files ? strrchr(own_files, '/') : NULL;
    gethostname(host, sizeof host - 1);
    g_file_get_contents("/etc/machine-id", &machine, NULL, NULL); /* without the id, host and folder must be enough */
    char *whole = g_strconcat(machine ? machine : "", host, own_files, NULL);
    snprintf(setting->own_session, sizeof setting->own_session, "%.20s/%.24s-%08x", host, name ? name + 1 : "dialer",
             g_str_hash(whole));
    setting->own_files = own_files;
    g_free(whole);
    g_free(machine);
    if (getenv("GCX_TERM")) snprintf(setting->led_name, sizeof setting->led_name, "%.24s", name ? name + 1 : "dialer");
}

bool dialer_setting_read(struct dialer_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    *setting = (struct dialer_setting){0};
    if (!setting_rows_read(setting, get, self, why, why_size)) return false;
    own_session(setting, get(self, GCX_OWN_FILES));
    if (!settings_store("lists", setting->lists, setting->country, why, why_size)) return false;
    if (*setting->store && !settings_store("store", setting->store, setting->country, why, why_size)) return false;
    if (strlen(setting->session) > SESSION_NAME_MAX)
        snprintf(why, why_size, "session: `%.80s` is too long; at most %d bytes", setting->session, SESSION_NAME_MAX);
    else if (strchr(setting->session, '#'))
        snprintf(why, why_size, "session: `%.80s` has a #, behind which the journal's number is put", setting->session);
    else
        return true;
    return false;
}

/* Writes the session's name; `journal`: 0 until a core has reported its journal. */
void setting_session(const struct dialer_setting *setting, uint64_t journal, char name[SESSION_NAME_MAX + 1])
{
    if (*setting->session || !*setting->led_name || journal == 0)
        snprintf(name, SESSION_NAME_MAX + 1, "%s", *setting->session ? setting->session : setting->own_session);
    else
        snprintf(name, SESSION_NAME_MAX + 1, "%s-%016" PRIx64, setting->led_name, journal);
}
