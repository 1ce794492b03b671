/* runtime/adapters/desk/checked.c - The desk's part of `gcxvm --check`: its certificate, its users, and the other
 * adapters of the site that it needs for telephones, mail and supervision. */
#include <glib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/look.h"
#include "runtime/adapter/tls.h"
#include "runtime/adapters/desk/desk.h"

/* Checks that the certificate has the desk's names: a browser refuses one without. */
static void desk_names_look(const struct gcx_look *look, const struct desk_setting *setting)
{
    for (char **name = setting->all_names; *setting->certificate && *name; name++)
        if (!tls_file_names(setting->certificate, *name))
            look_tell(look, CHECK_certificate_name, "certificate", LOOK_WORDS(setting->certificate, *name));
}

/* Checks that a T-Server on this machine is one of the site's adapters that accept desktops, if the site has any. An
 * adapter whose port the kernel chooses may be that T-Server, and so may one whose settings are refused. A site without
 * a switch uses the T-Server of another vendor. */
static void desk_tserver_look(const struct gcx_look *look, const char *tserver)
{
    struct gcx_site_name door;
    size_t count = 0;
    if (!*tserver || !address_says_loopback(tserver)) return;
    for (; look->site(look->self, "desktops", count, &door); count++) {
        const char *port = strrchr(door.name, ':');
        if ((port && strcmp(port, ":0") == 0) || look_is_own(tserver, door.name)) return;
    }
    if (count > 0 && count == look_switches(look))
        look_tell(look, CHECK_tserver_nobody, "tserver", LOOK_WORDS(tserver));
}

/* Checks that the address of agents' mail is fetched by the site, as answers go to that address. */
static void desk_from_look(const struct gcx_look *look, const char *from)
{
    struct gcx_site_name address;
    const char *at = strrchr(from, '@');
    bool any = false;
    for (size_t i = 0; at && look->site(look->self, "address", i, &address); i++) {
        bool all = address.name[0] == '*' && g_ascii_strcasecmp(address.name + 1, at) == 0;
        if (all || g_ascii_strcasecmp(address.name, from) == 0) return;
        any = true;
    }
    if (any) look_tell(look, CHECK_mail_from, "from", LOOK_WORDS(from));
}

static void desk_texts_look(const struct gcx_look *look, const struct desk_setting *setting)
{
    struct gcx_site_name way, same;
    if (!*setting->texts || !look->site(look->self, "way", 0, &way)) return;
    if (!look_site_has(look, "way", setting->texts_way, &same))
        look_tell(look, CHECK_texts_way, "texts_way", LOOK_WORDS(setting->texts_way, way.name));
}

/* Returns the path from the root, with links resolved as far as it exists. The first start makes the socket's
 * folder. */
static char *socket_whole_path(const char *path)
{
    char *whole = g_canonicalize_filename(path, NULL), real[PATH_MAX], *found = NULL;
    for (char *end = whole + strlen(whole); !found && end; end = g_strrstr_len(whole, end - whole, "/")) {
        char *there = g_strndup(whole, end == whole ? 1 : (gsize)(end - whole));
        if (realpath(there, real)) found = g_build_filename(real, end, NULL);
        g_free(there);
    }
    g_free(whole);
    return found;
}

/* Do two paths name the same socket, whether it exists or not? */
static bool same_socket(const char *one, const char *other)
{
    char *whole[2] = {socket_whole_path(one), socket_whole_path(other)};
    bool same = g_strcmp0(whole[0], whole[1]) == 0;
    g_free(whole[0]);
    g_free(whole[1]);
    return same;
}

static void desk_admin_look(const struct gcx_look *look, const struct desk_setting *setting)
{
    struct gcx_site_name admin;
    if (*setting->parameters && !*setting->admin)
        look_tell(look, CHECK_setting_alone, "parameters", LOOK_WORDS("admin"));
    if (*setting->admin && look->site(look->self, "admin", 0, &admin) && !same_socket(setting->admin, admin.name))
        look_tell(look, CHECK_admin_other, "admin", LOOK_WORDS(setting->admin, admin.name));
}

void desk_checked(const struct gcx_look *look)
{
    struct desk_setting setting;
    char why[512];
    if (!desk_setting_read(&setting, look->setting, look->self, why, sizeof why))
        return; /* check() has reported the mistake */
    for (char **medium = setting.all_media; *medium; medium++) {
        char said[MEDIUM_SAID_MAX];
        setting_medium_said(look->setting, look->self, setting_medium(look->setting, look->self, *medium), said);
        look->adds(look->self, "answered", said, "");
    }
    setting_looks(look);
    desk_names_look(look, &setting);
    users_look(look, setting.users, true);
    if (look_site_known(look)) desk_tserver_look(look, setting.tserver);
    desk_from_look(look, setting.from);
    desk_texts_look(look, &setting);
    desk_admin_look(look, &setting);
    desk_setting_free(&setting);
}
