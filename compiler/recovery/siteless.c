/* compiler/recovery/siteless.c - A program without a site: one error for all that it lacks.
 *
 *     no site     unknown prompt 'hold', unknown queue 'desk', no timeout ...  -->  no site.gcx beside x.gcx
 *
 * All other errors are reported as usual: a wrong type is wrong with any site. */
#include "compiler/recovery/siteless.h"

#include "compiler/recovery/damage.h"

static bool siteless_caused(const struct diag *diag)
{
    return diag_code_severity(diag->code) == ERROR &&
           (diag->code == DIAG_UNKNOWN_KIND_NAME || damage_is_of_defaults(diag->code));
}

void siteless_tell(struct program *program, const char *first)
{
    struct diag *earliest = NULL;
    if (program->site) return;
    for (struct diag *diag = diags_first(program->diags); diag; diag = diag->next) {
        if (!siteless_caused(diag) || diag->dropped) continue;
        diag->dropped = true;
        if (!earliest || diag->span.begin < earliest->span.begin) earliest = diag;
    }
    if (!earliest) return;
    struct diag *diag = diag_report(program->diags, NO_SITE, earliest->span, first);
    diag_hint(diag, "site.gcx declares queues, prompts, skills ...; --site FILE names one that lies elsewhere");
}
