/* runtime/daemon/check/check_contract.c - Checks that the site has an adapter for everything that its directory
 * needs. The contract of the adapters (contract.def) lists what each adapter can do. */
#include <assert.h>
#include <string.h>

#include "runtime/daemon/check/check_state.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/denied.h"
#include "runtime/vocabulary/person.h"
#include "base/out.h"

/* The adapters of a configuration, with their rows of the contract. */
struct site_adapter {
    uint32_t caps;
    uint64_t lacks;
    const struct contract *contract; /* NULL: a plugin that is not of this tree, which may be able to do anything */
};

/* The settings of an adapter on another machine are not known here. */
static struct site_adapter site_adapter(const struct conf_adapter *adapter)
{
    char plugin[CONF_PLUGIN];
    conf_plugin(adapter, plugin);
    const struct contract *contract = contract_named(plugin);
    if (!contract) return (struct site_adapter){.caps = UINT32_MAX};
    return (struct site_adapter){
        .caps = adapter->remote ? contract->caps : contract_caps_set(contract, conf_value, adapter),
        .lacks = contract_lacks(contract, adapter->remote ? NULL : conf_value, adapter),
        .contract = contract,
    };
}

/* True: an adapter of the configuration has the ability and can take the step (NULL: any step); with `set`, its
 * settings count, too. */
static bool site_can(const struct checking *checking, uint32_t cap, const char *step, bool set)
{
    const char *setting;
    for (size_t i = 0; i < checking->conf->adapter_count; i++) {
        struct site_adapter adapter = site_adapter(&checking->conf->adapters[i]);
        uint32_t caps = set || !adapter.contract ? adapter.caps : adapter.contract->caps;
        if ((caps & cap) != 0 && (!step || contract_does(adapter.lacks, step, &setting))) return true;
    }
    return false;
}

/* True: an adapter with the ability (0: any) brings interactions of the medium. */
static bool site_brings(const struct checking *checking, enum media medium, uint32_t cap)
{
    for (size_t i = 0; i < checking->conf->adapter_count; i++) {
        struct site_adapter adapter = site_adapter(&checking->conf->adapters[i]);
        if (!adapter.contract) return true;
        contract_setting *known = checking->conf->adapters[i].remote ? NULL : conf_value;
        if ((adapter.caps & cap) == cap &&
            contract_brings(adapter.contract, medium, known, &checking->conf->adapters[i]))
            return true;
    }
    return false;
}

/* True: interactions of this medium alone can come to strategies. A medium that no adapter of the tree brings comes
 * from the core itself. */
static bool medium_comes(const struct checking *checking, enum media medium)
{
    struct out adapters = {0};
    contract_adapters(&adapters, medium, 0, NULL);
    bool comes = adapters.length == 0 || site_brings(checking, medium, 0);
    out_free(&adapters);
    return comes;
}

/* True: the step fails whenever a strategy takes it, as no link of the site can do what it needs. A strategy of one
 * medium alone does not take the step if that medium never comes, and in conversations their own link may be able to
 * do it. */
static bool step_fails_here(const struct checking *checking, const struct look_name *name)
{
    bool apart;
    uint32_t cap = contract_needs(name->name, &apart);
    int only = enum_value_media(name->of, (uint32_t)strlen(name->of));
    if (cap == 0 || (only > media_none && !medium_comes(checking, (enum media)only))) return false;
    if (apart && only > media_none && site_brings(checking, (enum media)only, CAP_SESSIONS)) return false;
    uint32_t number = contract_needs_to_number(name->name);
    if (number != 0 && site_can(checking, number, name->name, true)) return false;
    return !site_can(checking, cap, name->name, true);
}

/* Reports each step once, at the first place where it fails. */
static void step_look(struct checking *checking, size_t index)
{
    const struct look_name *name = &checking->names.all[index];
    const char *doc = "";
    struct out adapters = {0};
    bool apart;
    if (!step_fails_here(checking, name)) return;
    for (size_t i = 0; i < index; i++) {
        const struct look_name *other = &checking->names.all[i];
        if (strcmp(other->kind, "step") == 0 && strcmp(other->name, name->name) == 0 &&
            step_fails_here(checking, other))
            return;
    }
    uint32_t cap = contract_needs(name->name, &apart);
    (void)contract_word((enum cap)cap, &doc);
    contract_adapters(&adapters, media_none, cap, name->name);
    assert(adapters.bytes); /* an adapter of the tree has each ability that a step needs, and can take each step */
    checking_tell(checking, CHECK_step_ability, checking->conf->directory_line,
                  LOOK_WORDS(name->where, name->name, doc, adapters.bytes));
    out_free(&adapters);
}

/* True: the adapter brings calls to that routing point. `strict`: gets the name of its setting, if that names
 * routing points. */
static bool point_is_called(const struct conf_adapter *adapter, const char *point, const char **strict)
{
    char plugin[CONF_PLUGIN];
    conf_plugin(adapter, plugin);
    const struct contract *contract = contract_named(plugin);
    const char *setting = contract ? contract_says(contract, SAYS_POINTS, 0) : NULL;
    const char *list = setting ? conf_value(adapter, setting) : NULL;
    struct span place;
    if (contract && !contract_brings(contract, media_voice, conf_value, adapter)) return false;
    if (!list || !*list) return true; /* the setting names no point: the adapter's switch or peer decides */
    *strict = setting;
    while (contract_place_next(&list, &place))
        if (span_is(place, point)) return true;
    return false;
}

/* Reports a strategy for calls alone to which no call comes, as each switch names its routing points, and not this
 * one. */
static void calls_look(struct checking *checking, const struct look_name *point)
{
    const char *strict = NULL;
    for (size_t i = 0; i < checking->names.count; i++) {
        const struct look_name *name = &checking->names.all[i];
        if (strcmp(name->kind, "medium") == 0 && strcmp(name->of, point->name) == 0 && strcmp(name->name, "voice") != 0)
            return;
    }
    if (!look_names_have(&checking->names, "medium", "voice", point->name)) return;
    for (size_t i = 0; i < checking->conf->adapter_count; i++)
        if (point_is_called(&checking->conf->adapters[i], point->name, &strict)) return;
    if (strict)
        checking_tell(checking, CHECK_point_unreached, checking->conf->directory_line,
                      LOOK_WORDS(point->where, point->name, point->of, strict));
}

/* Reports callbacks booked at the routing point if no adapter dials them, and a queue of another domain if no
 * adapter hands over its interactions. */
static void reach_look(struct checking *checking, const struct look_name *name, bool books)
{
    bool apart;
    uint32_t cap = contract_needs(books ? "callback" : "elsewhere", &apart);
    struct out adapters = {0};
    if (site_can(checking, cap, NULL, books)) return;
    contract_adapters(&adapters, media_none, cap, NULL);
    assert(adapters.bytes); /* the tree has an adapter for each of the two abilities */
    checking_tell(checking, books ? CHECK_callback_dial : CHECK_queue_elsewhere, checking->conf->directory_line,
                  LOOK_WORDS(books ? name->of : name->name, adapters.bytes));
    out_free(&adapters);
}

/* Reports a campaign without an adapter that has its records, or without one that dials. */
static void campaign_needs_look(struct checking *checking, const struct look_name *name)
{
    bool apart;
    uint32_t needs = contract_needs("campaign", &apart);
    for (uint32_t cap = needs & -needs; cap != 0; needs &= ~cap, cap = needs & -needs)
        if (!site_can(checking, cap, NULL, false))
            checking_tell(checking, cap == CAP_RECORDS ? CHECK_campaign_dialer : CHECK_campaign_switch,
                          checking->conf->directory_line, LOOK_WORDS(name->name));
}

/* Reports a constant of a strategy that is refused in every case; one at the end of a choice is refused only when
 * that end is taken. */
static void literal_look(struct checking *checking, const struct look_name *name)
{
    bool choice = strcmp(name->kind, "choice") == 0, column = choice || strcmp(name->kind, "column") == 0;
    bool odd = strcmp(name->kind, "odd") == 0;
    enum contract_why why = WHY_none;
    if (column) why = denied_column(span_of(name->of), span_of(name->name));
    if (odd) why = WHY_kind;
    if (strcmp(name->kind, "mailed") == 0 && !denied_mail_good(span_of(name->name))) why = WHY_address;
    if (why == WHY_none) return;
    checking_tell(checking, choice ? CHECK_said_sometimes : CHECK_said_refused, checking->conf->directory_line,
                  LOOK_WORDS(name->where, column || odd ? "outbound.add" : name->of, name->name, denied_words(why)));
}

/* Reports a number that a strategy adds to a list and that none of the site's dialers can read: it is not known
 * which of them would get it. */
static void added_look(struct checking *checking, const struct look_name *added)
{
    char number[PERSON_NUMBER];
    bool any = false;
    for (size_t i = 0; i < checking->conf->adapter_count; i++) {
        const struct conf_adapter *adapter = &checking->conf->adapters[i];
        const struct site_adapter site = site_adapter(adapter);
        const char *country = conf_value(adapter, "country");
        if ((site.caps & CAP_RECORDS) == 0) continue;
        any = true;
        if (!site.contract || adapter->remote ||
            person_number(span_of(added->name), country && *country ? country : checking->conf->country, number))
            return;
    }
    if (any)
        checking_tell(checking, CHECK_said_added, checking->conf->directory_line,
                      LOOK_WORDS(added->where, added->of, added->name));
}

void checking_contract(struct checking *checking)
{
    for (size_t i = 0; i < checking->names.count; i++) {
        const struct look_name *name = &checking->names.all[i];
        bool books = strcmp(name->kind, "medium") == 0 && strcmp(name->name, "callback") == 0;
        if (strcmp(name->kind, "campaign") == 0) campaign_needs_look(checking, name);
        literal_look(checking, name);
        if (strcmp(name->kind, "step") == 0) step_look(checking, i);
        if (strcmp(name->kind, "added") == 0) added_look(checking, name);
        if (strcmp(name->kind, "point") == 0) calls_look(checking, name);
        if (books || strcmp(name->kind, "elsewhere") == 0) reach_look(checking, name, books);
    }
}
