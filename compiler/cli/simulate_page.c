/* compiler/cli/simulate_page.c - The results of a simulation as one page of HTML with charts in SVG. It loads
 * nothing.
 *
 *     +----------------------------+ TOP          simulate_page_across()   0..1 -> x
 *     |   .--- curve              |              share_to_percent()       0..1 -> y, from the bottom upwards
 *     |  /                         |
 *     +----------------------------+ HEIGHT - BOTTOM
 *     LEFT                 PLOT_WIDTH - RIGHT
 *
 * There is one section per scope: the curve of waiting, the course of the day, then the table. A campaign has a
 * chart of its dialling instead, a team the table only. With two versions the lines of the old one are dashed. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "compiler/cli/simulate.h"

enum { PLOT_WIDTH = 560, HEIGHT = 220, LEFT = 48, RIGHT = 12, TOP = 12, BOTTOM = 36, PLOT = PLOT_WIDTH - LEFT - RIGHT };

static const char PAGE_HEAD[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>Simulation</title>\n<style>\n"
    "body { font: 15px/1.4 sans-serif; max-width: 76em; margin: 1.5em auto; padding: 0 1em; color: #222; "
    "background: #fff; }\n"
    "table { border-collapse: collapse; margin: .5em 0; } th, td { padding: .15em .8em; text-align: left; }\n"
    "td.n { text-align: right; white-space: nowrap; } tr:nth-child(even) { background: #f4f4f4; }\n"
    ".charts { display: flex; flex-wrap: wrap; gap: 1em; } figure { margin: 0; } figcaption { font-weight: bold; }\n"
    "svg { max-width: 100%; height: auto; } svg text { font: 12px sans-serif; fill: #444; }\n"
    ".axis { stroke: #888; fill: none; } .grid { stroke: #ddd; } .bar { fill: #b9cfe4; }\n"
    ".now { stroke: #14508c; stroke-width: 2; fill: none; } .old { stroke: #b35900; stroke-width: 2; fill: none; "
    "stroke-dasharray: 5 3; } .lost { stroke: #a1260d; stroke-width: 2; fill: none; } .sure { font-weight: bold; }\n"
    "</style></head><body>\n";

static void put_page_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '"')
            fputs("&quot;", out);
        else
            fputc(*text, out);
}

/* "Campaign summer" */
static void put_page_name(FILE *out, const struct simulate_found *found)
{
    const char *word = scope_words[found->kind];
    fprintf(out, "%c%s%s", toupper(word[0]), word + 1, found->name[0] != '\0' ? " " : "");
    put_page_text(out, found->name);
}

/* ---- tables ---- */

static void simulate_page_cell(FILE *out, enum measure measure, struct interval interval, bool difference,
                               const char *class)
{
    char mean[SIMULATE_FIGURE], low[SIMULATE_FIGURE], high[SIMULATE_FIGURE];
    double from, to;
    simulate_bounds(interval, measure, difference, &from, &to);
    simulate_figure(mean, measure, interval.mean);
    simulate_figure(low, measure, from);
    simulate_figure(high, measure, to);
    fprintf(out, "<td class=\"n%s\">%s</td><td class=\"n\">%s to %s</td>", class, mean, low, high);
}

static void simulate_page_table(const struct simulate_results *results, const struct simulate_found *found, FILE *out)
{
    bool both = results->versions > 1;
    fputs("<table aria-label=\"", out);
    put_page_name(out, found);
    fprintf(out, "\"><tr><th>measure<th>mean<th>95 %% interval%s</tr>\n",
            both ? "<th>old<th>95 % interval<th>difference<th>95 % interval" : "");
    for (unsigned m = 0; m < MEASURES; m++) {
        if (!scope_has((enum scope_kind)found->kind, (enum measure)m)) continue;
        fprintf(out, "<tr><td title=\"");
        put_page_text(out, measure_rows[m].doc);
        fprintf(out, "\">%s</td>", measure_rows[m].title);
        simulate_page_cell(out, (enum measure)m, simulate_interval(results, found, 0, (enum measure)m), false, "");
        if (both) {
            struct interval differs = simulate_difference(results, found, (enum measure)m);
            bool sure = !isnan(differs.half) && fabs(differs.mean) > differs.half;
            simulate_page_cell(out, (enum measure)m, simulate_interval(results, found, 1, (enum measure)m), false, "");
            simulate_page_cell(out, (enum measure)m, differs, true, sure ? " sure" : "");
        }
        fputs("</tr>\n", out);
    }
    fputs("</table>\n", out);
}

/* ---- charts ---- */

static double simulate_page_across(double share)
{
    return LEFT + share * PLOT;
}

/* Returns the vertical place of a share in the picture, in pixels from the top. */
static double share_to_percent(double share)
{
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
}

/* `most`: the value at the top of the picture; 0: it shows shares. A picture has a name as text, for readers who
 * cannot see it. */
static void chart_begins(FILE *out, const struct simulate_found *found, const char *title, double most)
{
    fprintf(out, "<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" width=\"%d\"", title, PLOT_WIDTH,
            HEIGHT, PLOT_WIDTH);
    fputs(" role=\"img\" aria-label=\"", out);
    put_page_name(out, found);
    fprintf(out, ": %s\">\n", title);
    for (int i = 0; i <= 4; i++) {
        fprintf(out,
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
                LEFT, PLOT_WIDTH - RIGHT, share_to_percent(i / 4.0), share_to_percent(i / 4.0), LEFT - 6,
                share_to_percent(i / 4.0) + 4);
        fprintf(out, most > 0 ? "%.3g</text>\n" : "%.0f %%</text>\n", most > 0 ? most * i / 4 : 25.0 * i);
    }
}

/* Writes five numbers below the picture, from 0 to `unit`; the last one has the unit's name. */
static void chart_ends(FILE *out, double unit, const char *name)
{
    for (int i = 0; i <= 4; i++)
        fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.4g%s</text>\n", simulate_page_across(i / 4.0),
                HEIGHT - BOTTOM + 16, unit * i / 4, i == 4 ? name : "");
    fprintf(out, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/></svg></figure>\n", LEFT, TOP, HEIGHT - BOTTOM,
            PLOT_WIDTH - RIGHT);
}

/* Draws how many of the offered calls were answered within which time. */
static void simulate_page_curve(const struct simulate_results *results, const struct simulate_found *found, FILE *out)
{
    chart_begins(out, found, "Answered within, of all offered", 0);
    for (unsigned v = 0; v < results->versions; v++) {
        if (found->curves[v] == 0) continue;
        fprintf(out, "<path class=\"%s\" d=\"", v == 0 ? "now" : "old");
        for (unsigned i = 0; i < CURVE_POINTS; i++)
            fprintf(out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', simulate_page_across((double)i / (CURVE_POINTS - 1)),
                    share_to_percent(found->curve[v][i] / found->curves[v]));
        fputs("\"/>\n", out);
    }
    chart_ends(out, (double)results->plan->within_us / 1e6 * (CURVE_POINTS - 1) / CURVE_PER, " s");
}

/* Draws interactions by the time of their arrival as bars, and the service level of each part of the day as a line. */
static void simulate_page_series(const struct simulate_results *results, const struct simulate_found *found, FILE *out)
{
    double most = 0;
    char title[120];
    for (unsigned i = 0; i < SERIES_PARTS; i++)
        most = found->series[0][i].offered > most ? found->series[0][i].offered : most;
    (void)snprintf(title, sizeof title, "Service level by time of arrival; bars: %s, up to %.1f in %.0f s",
                   simulate_counted(results), most / results->replications, (double)results->series_us / 1e6);
    chart_begins(out, found, title, 0);
    for (unsigned i = 0; most > 0 && i < SERIES_PARTS; i++) {
        double high = found->series[0][i].offered / most;
        fprintf(out, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                simulate_page_across((double)i / SERIES_PARTS), share_to_percent(high), (double)PLOT / SERIES_PARTS - 1,
                share_to_percent(0) - share_to_percent(high));
    }
    for (unsigned v = 0; v < results->versions; v++) {
        bool first = true;
        fprintf(out, "<path class=\"%s\" d=\"", v == 0 ? "now" : "old");
        for (unsigned i = 0; i < SERIES_PARTS; i++) {
            const struct simulation_part *part = &found->series[v][i];
            if (part->offered <= 0) continue;
            fprintf(out, "%c%.1f %.1f", first ? 'M' : 'L', simulate_page_across((i + 0.5) / SERIES_PARTS),
                    share_to_percent(part->within / part->offered));
            first = false;
        }
        fputs("\"/>\n", out);
    }
    chart_ends(out, (double)results->series_us * SERIES_PARTS / 3600e6, " h");
}

static double share_dialled(const struct simulation_part *part)
{
    return part->offered;
}

static double simulate_page_reached(const struct simulation_part *part)
{
    return part->answered;
}

static double share_lost(const struct simulation_part *part)
{
    return part->abandoned;
}

/* Draws a line through the middles of the parts of the day. */
static void put_page_counts(const struct simulate_found *found, unsigned version,
                            double (*of)(const struct simulation_part *), double most, const char *class, FILE *out)
{
    fprintf(out, "<path class=\"%s\" d=\"", class);
    for (unsigned i = 0; most > 0 && i < SERIES_PARTS; i++)
        fprintf(out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', simulate_page_across((i + 0.5) / SERIES_PARTS),
                share_to_percent(of(&found->series[version][i]) / most));
    fputs("\"/>\n", out);
}

/* Draws how a campaign dials: dialled numbers as bars, and the reached and the lost ones as lines. */
static void simulate_page_pacing(const struct simulate_results *results, const struct simulate_found *found, FILE *out)
{
    double most = 0;
    char title[160];
    for (unsigned v = 0; v < results->versions; v++)
        for (unsigned i = 0; i < SERIES_PARTS; i++) most = fmax(most, share_dialled(&found->series[v][i]));
    (void)snprintf(title, sizeof title, "Pacing, in %.0f s; bars: dialled, blue: reached, red: abandoned%s",
                   (double)results->series_us / 1e6, results->versions > 1 ? ", dashed: reached by the old" : "");
    chart_begins(out, found, title, most > 0 ? most / results->replications : 1);
    for (unsigned i = 0; most > 0 && i < SERIES_PARTS; i++) {
        double high = share_dialled(&found->series[0][i]) / most;
        fprintf(out, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                simulate_page_across((double)i / SERIES_PARTS), share_to_percent(high), (double)PLOT / SERIES_PARTS - 1,
                share_to_percent(0) - share_to_percent(high));
    }
    put_page_counts(found, 0, simulate_page_reached, most, "now", out);
    put_page_counts(found, 0, share_lost, most, "lost", out);
    if (results->versions > 1) put_page_counts(found, 1, simulate_page_reached, most, "old", out);
    chart_ends(out, (double)results->series_us * SERIES_PARTS / 3600e6, " h");
}

void simulate_tell_page(const struct simulate_results *results, FILE *out)
{
    const struct simulation_plan *plan = results->plan;
    fputs(PAGE_HEAD, out);
    fputs("<h1>Simulation</h1>\n<p>", out);
    fprintf(out, "%" PRIu32 " replications, seeds %" PRIu64 " to %" PRIu64 "; ", results->replications, results->seed,
            results->seed + results->replications - 1);
    simulate_duration(out, plan->until_us - plan->warm_up_us);
    fputs(" counted after ", out);
    simulate_duration(out, plan->warm_up_us);
    fputs(" of warm-up; service level within ", out);
    simulate_duration(out, plan->within_us);
    fprintf(out, "; %" PRIu64 " %s in all. Intervals are of 95 %%, by Student's t over the replications.",
            results->calls, simulate_counted(results));
    if (results->versions > 1) {
        fputs(" The old version, dashed, is ", out);
        put_page_text(out, simulate_old(results));
        fputs("; both met the same callers, and the difference is taken replication by replication. "
              "<b>Bold</b> is what differs beyond chance.",
              out);
    }
    fputs("</p>\n", out);
    for (uint32_t i = 0; i < results->found_count; i++) {
        const struct simulate_found *found = &results->found[i];
        fprintf(out, "<h2>%s ", found->kind == SCOPE_ALL ? simulate_all(results) : scope_words[found->kind]);
        put_page_text(out, found->name);
        fputs("</h2>\n", out);
        if (found->kind != SCOPE_TEAM && found->kind != SCOPE_CAMPAIGN) {
            fputs("<div class=\"charts\">", out);
            simulate_page_curve(results, found, out);
            simulate_page_series(results, found, out);
            fputs("</div>\n", out);
        }
        if (found->kind == SCOPE_CAMPAIGN) simulate_page_pacing(results, found, out);
        simulate_page_table(results, found, out);
    }
    fputs("</body></html>\n", out);
}
