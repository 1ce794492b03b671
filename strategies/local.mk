## strategies: flows that people know, each in a folder with its site, schema, directory and tests.
enterprisedir = $(pkgdatadir)/strategies/enterprise
dist_enterprise_DATA = strategies/enterprise/enterprise.gcx strategies/enterprise/tests.gcx strategies/enterprise/site.gcx \
	strategies/enterprise/customers.sql strategies/enterprise/customers-data.sql strategies/enterprise/directory.sql \
	strategies/enterprise/crowd.sql
