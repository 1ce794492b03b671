/* runtime/daemon/check/check_contract.c - Has the site an adapter for what its directory wants? The contract of the
 * adapters (contract.def) says what each can. */
#include <assert.h>
#include <string.h>

#include "runtime/daemon/check/check_state.h"
#include "runtime/vocabulary/contract.h"
#include "base/out.h"

static const char *contract_value(const void *adapter, const char *setting)
{
    return conf_value(adapter, setting);
}

/* Does an adapter of the configuration have the ability, by its settings where `set`? A plugin that is not of
 * this tree may have any ability; the settings of an adapter on another machine are not known here. */
static bool site_can(const struct checking *checking, enum cap cap, bool set)
{
    const struct conf *conf = checking->conf;
    char plugin[CONF_PLUGIN];
    for (size_t i = 0; i < conf->adapter_count; i++) {
        conf_plugin(&conf->adapters[i], plugin);
        const struct contract *contract = contract_named(plugin);
        uint32_t caps = !contract ? UINT32_MAX
                        : set && !conf->adapters[i].remote
                            ? contract_caps_set(contract, contract_value, &conf->adapters[i])
                            : contract->caps;
        if ((caps & (uint32_t)cap) != 0) return true;
    }
    return false;
}

/* A step that needs an ability that no link of the site has fails whenever it is taken. */
static void step_look(struct checking *checking, const struct look_name *name)
{
    const char *doc = "";
    struct out adapters = {0};
    uint32_t cap = contract_step(name->name);
    if (cap == 0 || site_can(checking, (enum cap)cap, true)) return;
    (void)contract_word((enum cap)cap, &doc);
    contract_adapters(&adapters, media_none, cap);
    assert(adapters.bytes); /* each ability that a step needs is of an adapter of the tree */
    checking_tell(checking, CHECK_step_ability, checking->conf->directory_line,
                  LOOK_WORDS(name->where, name->name, doc, adapters.bytes));
    out_free(&adapters);
}

/* An adapter dials the call-backs that are booked at the routing point, and hands over the interactions of another
 * domain's queue. */
static void reach_look(struct checking *checking, const struct look_name *name)
{
    bool books = strcmp(name->kind, "medium") == 0 && strcmp(name->name, "callback") == 0;
    uint32_t cap = books ? CAP_DIAL : CAP_DOMAINS;
    struct out adapters = {0};
    if (site_can(checking, (enum cap)cap, books)) return;
    contract_adapters(&adapters, media_none, cap);
    assert(adapters.bytes); /* an adapter of the tree has each of the two */
    checking_tell(checking, books ? CHECK_callback_dial : CHECK_queue_elsewhere, checking->conf->directory_line,
                  LOOK_WORDS(books ? name->of : name->name, adapters.bytes));
    out_free(&adapters);
}

void checking_contract(struct checking *checking)
{
    int line = checking->conf->directory_line;
    for (size_t i = 0; i < checking->names.count; i++) {
        const struct look_name *name = &checking->names.all[i];
        if (strcmp(name->kind, "campaign") == 0 && !site_can(checking, CAP_RECORDS, false))
            checking_tell(checking, CHECK_campaign_dialer, line, LOOK_WORDS(name->name));
        if (strcmp(name->kind, "campaign") == 0 && !site_can(checking, CAP_DIAL, false))
            checking_tell(checking, CHECK_campaign_switch, line, LOOK_WORDS(name->name));
        if (strcmp(name->kind, "step") == 0) step_look(checking, name);
        if (strcmp(name->kind, "elsewhere") == 0 ||
            (strcmp(name->kind, "medium") == 0 && strcmp(name->name, "callback") == 0))
            reach_look(checking, name);
    }
}
