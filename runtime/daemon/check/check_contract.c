/* runtime/daemon/check/check_contract.c - Has the site an adapter for what its directory wants? The contract of the
 * adapters (contract.def) says what each can. */
#include <string.h>

#include "runtime/daemon/check/check_state.h"
#include "runtime/vocabulary/contract.h"

/* Does an adapter of the configuration have the ability? One that is not of the tree may have any. */
static bool site_can(const struct checking *checking, enum cap cap)
{
    for (size_t i = 0; i < checking->names.count; i++) {
        const struct look_name *name = &checking->names.all[i];
        if (strcmp(name->kind, "adapter") != 0) continue;
        const struct contract *contract = contract_named(name->of);
        if (!contract || (contract->caps & (uint32_t)cap) != 0) return true;
    }
    return false;
}

void checking_contract(struct checking *checking)
{
    int line = checking->conf->directory_line;
    for (size_t i = 0; i < checking->names.count; i++) {
        const struct look_name *name = &checking->names.all[i];
        if (strcmp(name->kind, "campaign") == 0 && !site_can(checking, CAP_RECORDS))
            checking_tell(checking, CHECK_campaign_dialer, line, LOOK_WORDS(name->name));
        if (strcmp(name->kind, "campaign") == 0 && !site_can(checking, CAP_DIAL))
            checking_tell(checking, CHECK_campaign_switch, line, LOOK_WORDS(name->name));
    }
}
