/* runtime/daemon/links/link_allowance.c - How many events the links may bring now. */
#include "runtime/daemon/links/links_state.h"
#include "runtime/host/real.h"

enum gate links_gate(const struct daemon_links *links)
{
    struct intake_row row;
    intake_read(links->intake, &row);
    return row.level == INTAKE_OPEN ? gate_open : row.level == INTAKE_NO_ARRIVALS ? gate_no_arrivals : gate_only_relief;
}

struct link_allowance links_allowance(const struct daemon_links *links, uint32_t sharing)
{
    uint32_t arrivals = intake_arrivals(links->intake);
    if (arrivals != UINT32_MAX && sharing > 1) arrivals = (arrivals + sharing - 1) / sharing;
    return (struct link_allowance){.arrivals = arrivals,
                                   .gate = links_gate(links),
                                   .led_until_us = engine_led_until_us(links->options.engine),
                                   .now_us = host_monotonic_us()};
}
