/* runtime/daemon/check/check.c - Runs the checks in order.
 *
 * `gcxvm --check` checks a site without running it: settings, files, the content of strategies and directory,
 * adapters, contract, stores, servers, plugins. A failed check does not end the others, because the reader wants all
 * complaints at once, and not one at each attempt. An error makes the result bad, a warning does not. A start checks
 * only the settings, and whether the plugins fit. */
#include "runtime/daemon/check/check.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/check/check_state.h"
#include "runtime/daemon/links/remote.h"
#include "runtime/daemon/reload/reload.h"
#include "runtime/daemon/site/databases.h"
#include "runtime/daemon/site/programs.h"
#include "runtime/natives/natives.h"
#include "base/shown.h"

static void checking_on_complaint(void *self, const char *text)
{
    checking_say(self, GCX_LOG_ERROR, text);
}

/* Called for each name that strategies and directory have. A kind with a check of its own is checked at once; every
 * other name is collected, and looked up later, when all names are known. */
static void checking_on_name(void *self, const char *kind, const char *name, const char *of, const char *where)
{
    struct checking *checking = self;
    int directory_line = checking->conf->directory_line;
    if (strcmp(kind, "statement") == 0)
        checking_statement(checking, of, name, where);
    else if (strcmp(kind, "write") == 0)
        checking_write(checking, of, name, where);
    else if (strcmp(kind, "unmanned") == 0)
        checking_tell(checking, CHECK_target_nobody, directory_line, LOOK_WORDS(where, of, name));
    else if (strcmp(kind, "dumb") == 0)
        checking_tell(checking, CHECK_place_telephone, directory_line, LOOK_WORDS(where, of, name));
    else if (strcmp(kind, "unfit") == 0)
        checking_tell(checking, CHECK_target_unfit, directory_line, LOOK_WORDS(where, name));
    else if (strcmp(kind, "idle") == 0)
        checking_tell(checking, *of ? CHECK_campaign_nobody : CHECK_campaign_agents, directory_line,
                      LOOK_WORDS(name, of));
    else if (strcmp(kind, "clockless") == 0)
        checking_tell(checking, CHECK_campaign_zone, directory_line, LOOK_WORDS(name, of));
    else if (strcmp(kind, "closed") == 0)
        checking_tell(checking, CHECK_campaign_closed, directory_line, LOOK_WORDS(name, of));
    else if (strcmp(kind, "portless") == 0)
        checking_tell(checking, CHECK_campaign_ports, directory_line, LOOK_WORDS(name));
    else if (strcmp(kind, "circle") == 0)
        checking_tell(checking, CHECK_route_circle, directory_line, LOOK_WORDS(where, name, of));
    else
        look_names_add(&checking->names, kind, name, of, where);
}

/* Reads strategies and directory as a load does, without a journal. */
static void checking_contents(struct checking *checking)
{
    const struct conf *conf = checking->conf;
    struct sources *sources = sources_new(&(struct sources_options){0});
    struct natives *natives = programs_natives(conf);
    struct programs *programs = programs_new(NULL, sources, NULL, natives);
    struct warnings warnings = {0};
    struct error error = {0};
    bool good = reload_check(conf, programs, &warnings, checking_on_name, checking, &error);
    for (size_t i = 0; i < warnings.count; i++) checking_say(checking, GCX_LOG_WARNING, warnings.texts[i]);
    warnings_clear(&warnings);
    if (!good) checking_say(checking, GCX_LOG_ERROR, error.text);
    programs_free(programs);
    natives_free(natives);
    sources_free(sources);
}

/* Adds the adapters of the site, and other facts that a plugin must know to judge what no other adapter could do. A
 * journal in PostgreSQL may be led by another machine tomorrow. */
static void checking_adapters(struct checking *checking)
{
    const struct conf *conf = checking->conf;
    char plugin[CONF_PLUGIN];
    for (size_t i = 0; i < conf->adapter_count; i++) {
        conf_plugin(&conf->adapters[i], plugin);
        look_names_add(&checking->names, "adapter", conf->adapters[i].name, plugin, "");
    }
    if (conf->journal[0] != '\0') look_names_add(&checking->names, "journal", "journal", "", "");
    look_names_add(&checking->names, "admin", conf->admin, "", "");
}

static void checking_free(struct checking *checking)
{
    for (size_t i = 0; i < checking->said_count; i++) free(checking->said[i]);
    for (size_t i = 0; i < checking->taken_count; i++) {
        free(checking->taken[i].thing);
        free(checking->taken[i].whose);
    }
    free(checking->said);
    free(checking->taken);
    free(checking->outside);
    look_names_clear(&checking->names);
}

/* Checks the settings of gcxvm: not only `gcxvm --check` does so, but also each start. */
static void checking_settings(struct checking *checking)
{
    (void)databases_check(checking->conf, checking_on_complaint, checking);
    (void)site_endpoints_good(checking->conf, checking_on_complaint, checking);
    (void)remote_check(checking->conf, checking_on_complaint, checking);
}

bool check_start(const struct conf *conf, bool plugins)
{
    assert(conf);
    struct checking checking = {.conf = conf};
    checking_settings(&checking);
    if (plugins) checking_plugins(&checking, false);
    checking_free(&checking);
    return !checking.failed;
}

/* The names are collected from the contents and the adapters first, as the later checks use them. */
bool check_site(const struct conf *conf)
{
    assert(conf);
    struct checking checking = {.conf = conf};
    checking_settings(&checking);
    checking_files(&checking);
    checking_contents(&checking);
    checking_adapters(&checking);
    checking_contract(&checking);
    checking_stores(&checking);
    checking_servers(&checking);
    checking_plugins(&checking, true);
    if (!checking.failed && checking.warnings == 0)
        shown_print(stdout, "%s: good\n", conf->file);
    else if (!checking.failed)
        shown_print(stdout, "%s: good, with %zu warning%s\n", conf->file, checking.warnings,
                    checking.warnings == 1 ? "" : "s");
    if (checking.outside) shown_print(stdout, "%s: not asked: %s\n", conf->file, checking.outside);
    checking_free(&checking);
    return !checking.failed;
}
