/* Puts one calendar file through libical's restriction check (RFC 5545, 5546). Prints what it finds; exit 1 if anything. */
#include <libical/ical.h>
#include <stdio.h>

static int faults(icalcomponent *component) {
  int found = 0;
  icalproperty *p = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY);
  for (; p; p = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY), found++)
    printf("%s\n", icalproperty_get_xlicerror(p));
  icalcomponent *inner = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT);
  for (; inner; inner = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT)) found += faults(inner);
  return found;
}

static char *next_line(char *line, size_t size, void *file) { return fgets(line, (int)size, file); }

int main(int argc, char **argv) {
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (!file) return fprintf(stderr, "usage: restrictions FILE.ics\n"), 2;
  icalparser *parser = icalparser_new();
  icalparser_set_gen_data(parser, file);
  icalcomponent *calendar = icalparser_parse(parser, next_line);
  if (!calendar || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT) return printf("no calendar\n"), 1;
  int is_allowed = icalrestriction_check(calendar);
  int found = faults(calendar);
  if (!is_allowed && !found) found = printf("refused without a reason\n");
  icalcomponent_free(calendar);
  icalparser_free(parser);
  fclose(file);
  return found ? 1 : 0;
}
