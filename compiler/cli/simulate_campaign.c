/* compiler/cli/simulate_campaign.c - The campaigns of gcxc simulate: "summer=selling predictive sellers (lines: 50)".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/simulate.h"
#include "base/memory.h"
#include "base/shown.h"
#include "runtime/vocabulary/vocabulary.h"
#include "vm/image.h"

#define OPTION_WORD "%64[A-Za-z0-9_]"

static bool wrong_campaign_option(const char *option, const char *said, const char *why)
{
    return shown_refuse("gcxc: --%s %s: %s\n", option, said, why);
}

static const char *campaign_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* (lines: 50, reserve: 2) */
static bool read_rules(struct simulation_campaign *campaign, const char *at)
{
    if (*at == '\0') return true;
    if (*at != '(') return false;
    do {
        struct simulation_skill rule = {.level = 0};
        long long number;
        int length = 0;
        if (sscanf(at + 1, " " OPTION_WORD " : %lld %n", rule.name, &number, &length) != 2 || length == 0) return false;
        rule.level = number;
        campaign->rules = memory_more(campaign->rules, campaign->rule_count, sizeof *campaign->rules);
        campaign->rules[campaign->rule_count++] = rule;
        at += 1 + length;
    } while (*at == ',');
    return *at == ')' && *campaign_blanks(at + 1) == '\0';
}

static bool calls_people(const struct image *image, const char *name)
{
    const struct image_strategy *strategy = image_strategy_named(image, name, (uint32_t)strlen(name));
    return strategy && strategy->media != MEDIUM_ALL && (strategy->media >> media_outbound & 1) != 0;
}

/* Agents who dial by themselves are not simulated. */
static bool is_paced(const char *mode)
{
    int number = enum_value_campaign_mode(mode, (uint32_t)strlen(mode));
    return number == campaign_mode_progressive || number == campaign_mode_predictive || number == campaign_mode_power;
}

/* A campaign is a flow without arrivals of its own: its calls are those that it dials. */
static bool read_campaign(struct simulation_plan *plan, const struct image *image, const char *text)
{
    char strategy[SIMULATION_NAME + 1];
    int length = 0;
    plan->campaigns = memory_more(plan->campaigns, plan->campaign_count, sizeof *plan->campaigns);
    struct simulation_campaign *campaign = &plan->campaigns[plan->campaign_count++];
    *campaign = (struct simulation_campaign){.flow = plan->flow_count};
    if (sscanf(text, " " OPTION_WORD " = " OPTION_WORD " " OPTION_WORD "%n", campaign->name, strategy, campaign->mode,
               &length) != 3)
        return wrong_campaign_option("campaign", text,
                                     "write its name, strategy, mode and agents: summer=selling predictive sellers");
    const char *at = campaign_blanks(text + length);
    length = 0;
    if (sscanf(at, OPTION_WORD "%n", campaign->group, &length) == 1) at = campaign_blanks(at + length);
    if (!read_rules(campaign, at))
        return wrong_campaign_option("campaign", text, "its rules stand last: (lines: 50, reserve: 2)");
    if (!calls_people(image, strategy))
        return wrong_campaign_option("campaign", text, "there is no such strategy on outbound");
    if (!is_paced(campaign->mode))
        return wrong_campaign_option("campaign", text, "its mode is progressive, predictive or power");
    struct simulation_flow *flow = simulate_add_flow(plan, strategy, campaign->name);
    flow->arrivals = (struct arrivals){.kind = ARRIVALS_RATES, .rates = calloc(1, sizeof *flow->arrivals.rates)};
    if (!flow->arrivals.rates) abort();
    flow->arrivals.count = 1; /* a flow without arrivals */
    return true;
}

static bool read_share(double *share, const char *option, const char *text, double otherwise)
{
    char *end;
    *share = otherwise;
    if (!text) return true;
    *share = strtod(text, &end) / 100;
    if (end != text && strcmp(end, "%") == 0 && *share >= 0 && *share <= 1) return true;
    return wrong_campaign_option(option, text, "write a part, such as 35%");
}

static bool wrong_answering(const char *text)
{
    return wrong_campaign_option("answering", text,
                                 "write a part, such as 35%, or parts from moments on: \"60%, 15% from 20m\"");
}

/* Reads the shares of those who answer: 35%; or "60%, 15% from 20m, 60% from 40m", in the order of time. */
static bool read_answering(struct simulation_plan *plan, const char *text)
{
    const char *at = text;
    do {
        struct simulation_answering row = {.from_us = 0};
        char *end, moment[SIMULATION_NAME + 1] = "";
        int length = 0;
        row.share = strtod(at, &end) / 100;
        if (end == at || *end != '%' || !(row.share >= 0 && row.share <= 1)) return wrong_answering(text);
        at = campaign_blanks(end + 1);
        if (sscanf(at, "from %64[0-9a-z.] %n", moment, &length) == 1) at += length;
        if (length > 0 && !draw_duration(moment, strlen(moment), &row.from_us)) return wrong_answering(text);
        bool first = plan->answering_count == 0;
        if (first ? row.from_us != 0 : row.from_us <= plan->answering[plan->answering_count - 1].from_us)
            return wrong_answering(text);
        plan->answering = memory_more(plan->answering, plan->answering_count, sizeof *plan->answering);
        plan->answering[plan->answering_count++] = row;
    } while (*at == ',' && *(at = campaign_blanks(at + 1)) != '\0');
    return *at == '\0' || wrong_answering(text);
}

static double most_answering(const struct simulation_plan *plan)
{
    double most = 0;
    for (uint32_t at = 0; at < plan->answering_count; at++)
        if (plan->answering[at].share > most) most = plan->answering[at].share;
    return most;
}

/* Reads the campaigns, and the shares of people who answer, busy lines and machines, which are no more than 1
 * together; 1e-9 allows for the rounding of 0.1 + 0.2 + 0.7. */
bool simulate_campaigns_read(struct simulation_plan *plan, const struct image *image, const struct options *options)
{
    for (size_t i = 0; i < options->campaign.count; i++)
        if (!read_campaign(plan, image, options->campaign.of[i])) return false;
    if (!read_answering(plan, options->answering ? options->answering : "30%") ||
        !read_share(&plan->busy, "busy", options->engaged, 0) ||
        !read_share(&plan->machines, "machines", options->machines, 0))
        return false;
    if (most_answering(plan) + plan->busy + plan->machines <= 1 + 1e-9) return true;
    return wrong_campaign_option("answering", options->answering ? options->answering : "30%",
                                 "with those who are busy and the machines that is more than all");
}

void simulate_campaigns_free(struct simulation_plan *plan)
{
    for (uint32_t i = 0; i < plan->campaign_count; i++) free(plan->campaigns[i].rules);
    free(plan->campaigns);
    free(plan->answering);
}
