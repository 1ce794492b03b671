/* runtime/lists/cli/change.c - gcxlists: the do-not-call list, and consents. */
#include <stdio.h>
#include <string.h>

#include "runtime/lists/cli/cli.h"

typedef enum lists_answer change(struct lists *, const struct lists_block *, struct error *);

static enum cli_exit entry_change(struct cli *cli, change *to, const char *purpose)
{
    static const int64_t day = INT64_C(86400000000);
    char number[17];
    struct lists_block block = {
        .tenant = cli->tenant,
        .customer = cli->customer,
        .value = span_of(cli->words[0]),
        .reason = span_of(cli->reason ? cli->reason : ""),
        .purpose = span_of(purpose),
        .since = cli_now(),
    };
    if (cli->days > 0) block.until = block.since + cli->days * day;
    if (!cli->customer) {
        if (!lists_number(block.value, cli->form.country, number)) {
            error_set(&cli->error, ERROR_INPUT, "'%.60s' is no telephone number: expected one as +49 30 1234567",
                      cli->words[0]);
            return cli_end(cli, false);
        }
        block.value = span_of(number);
    }
    return cli_end(cli, to(cli->lists, &block, &cli->error) == LISTS_done);
}

enum cli_exit cli_block(struct cli *cli)
{
    return entry_change(cli, lists_block, "");
}

enum cli_exit cli_unblock(struct cli *cli)
{
    return entry_change(cli, lists_unblock, "");
}

enum cli_exit cli_consent(struct cli *cli)
{
    return entry_change(cli, lists_consent, cli->words[1]);
}

enum cli_exit cli_withdraw(struct cli *cli)
{
    return entry_change(cli, lists_withdraw, cli->words[1]);
}
