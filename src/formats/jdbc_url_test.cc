#include "formats/jdbc_url.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace keyferry {
namespace {

// "vendor host:port host*:port \instance /database name=value …"; '*' marks a port that was not
// written. "? message" of what was refused.
std::string shown(std::string_view text) {
  const auto url = parse_jdbc_url(text);
  if (!url.ok()) return cat("? ", url.error().message());
  std::string out = url->vendor_name;
  for (const JdbcHost& host : url->hosts) {
    out += cat(" ", host.name, host.port_is == JdbcHost::Port::kWritten ? ":" : "*:", host.port);
  }
  if (!url->instance.empty()) out += cat(" \\", url->instance);
  if (!url->database.empty()) out += cat(" /", url->database);
  for (const JdbcProperty& property : url->properties) {
    out += cat(" ", property.name, "=", property.value);
  }
  return out;
}

struct Row {
  std::string_view text;
  std::string_view shown;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.text; }

class ReadUrls : public testing::TestWithParam<Row> {};

TEST_P(ReadUrls, AreReadAsTheDriverReadsThem) {
  EXPECT_EQ(shown(GetParam().text), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Postgresql, ReadUrls,
    testing::Values(
        Row{"jdbc:postgresql://pg.example.com:5432/my-app-1?sslmode=prefer",
            "postgresql pg.example.com:5432 /my-app-1 sslmode=prefer"},
        Row{"jdbc:postgresql://PG.Example.com/App", "postgresql pg.example.com*:5432 /App"},
        Row{"jdbc:postgresql://a:5433,b,[::1]:5434/x", "postgresql a:5433 b*:5432 ::1:5434 /x"},
        Row{"jdbc:postgresql://[2001:DB8::1]/x", "postgresql 2001:db8::1*:5432 /x"},
        Row{"jdbc:postgresql://[fe80::1%eth0]:1/x", "postgresql fe80::1%eth0:1 /x"},
        Row{"jdbc:postgresql:app", "postgresql localhost*:5432 /app"},
        Row{"jdbc:postgresql:/", "postgresql localhost*:5432"},
        Row{"jdbc:postgresql:", "postgresql localhost*:5432"},
        Row{"jdbc:postgresql:///app", "postgresql localhost*:5432 /app"},
        Row{"jdbc:postgresql://db/", "postgresql db*:5432"},
        Row{"jdbc:postgresql://db/?ssl", "postgresql db*:5432 ssl="},
        Row{"jdbc:postgresql://db/a%2Fb%20c+d", "postgresql db*:5432 /a/b c d"},
        Row{"jdbc:postgresql://db/a?options=-c%20x%3D1&&b=c=d&b=%26",
            "postgresql db*:5432 /a options=-c x=1 b=c=d b=&"}));

INSTANTIATE_TEST_SUITE_P(
    SqlServer, ReadUrls,
    testing::Values(
        Row{"jdbc:sqlserver://example.database.windows.net:1433;encrypt=true;"
            "authentication=ActiveDirectoryMSI;",
            "sqlserver example.database.windows.net:1433 encrypt=true "
            "authentication=ActiveDirectoryMSI"},
        Row{"jdbc:sqlserver://SQL;databaseName=App", "sqlserver sql*:1433 /App databaseName=App"},
        Row{"jdbc:sqlserver://sql\\Prod:1434", "sqlserver sql:1434 \\Prod"},
        Row{"jdbc:sqlserver://sql\\Prod;database=a", "sqlserver sql*:1433 \\Prod /a database=a"},
        Row{"jdbc:sqlserver://[::1]:1434;", "sqlserver ::1:1434"},
        Row{"jdbc:sqlserver://", "sqlserver localhost*:1433"},
        Row{"jdbc:sqlserver://;SERVERNAME=sql\\Prod;Port=1434",
            "sqlserver sql:1434 \\Prod SERVERNAME=sql\\Prod Port=1434"},
        Row{"jdbc:sqlserver://old;serverName=new", "sqlserver new*:1433 serverName=new"},
        Row{"jdbc:sqlserver://a; user = x ;; applicationName = my app ;",
            "sqlserver a*:1433 user=x applicationName=my app"},
        Row{"jdbc:sqlserver://a;x={p;q=r{}}};y={};z= { blank } ;",
            "sqlserver a*:1433 x=p;q=r{} y= z= blank "},
        Row{"jdbc:sqlserver://a;x=in{the}middle;y=", "sqlserver a*:1433 x=in{the}middle y="}));

INSTANTIATE_TEST_SUITE_P(
    OfOthersOnlyTheVendorIsKnown, ReadUrls,
    testing::Values(Row{"jdbc:oracle:thin:@//db:1521/app?password=x", "oracle"},
                    Row{"jdbc:hsqldb:mem:app", "hsqldb"}, Row{"jdbc:mysql://db/app", "mysql"},
                    Row{"jdbc:PostgreSQL://db", "PostgreSQL"}));

INSTANTIATE_TEST_SUITE_P(
    Refused, ReadUrls,
    testing::Values(
        Row{"", "? does not begin with jdbc:"},
        Row{"postgresql://db/app", "? does not begin with jdbc:"},
        Row{" jdbc:postgresql://db/app", "? does not begin with jdbc:"},
        Row{"jdbc:", "? has no vendor behind jdbc:"},
        Row{"jdbc::x", "? has no vendor behind jdbc:"},
        Row{"jdbc:postgresql", "? has no vendor behind jdbc:"},
        Row{"jdbc://db:5432/app", "? has no vendor behind jdbc:"},
        Row{"jdbc:postgresql://db", "? has no '/' between host and database"},
        Row{"jdbc:postgresql://db?user=x", "? has no '/' between host and database"},
        Row{"jdbc:postgresql://db/a/b",
            "? has a '/' too many; one in a database's name is written %2F"},
        Row{"jdbc:postgresql://a,,b/x", "? has an empty host"},
        Row{"jdbc:postgresql://:5432/x", "? has an empty host"},
        Row{"jdbc:postgresql://me:pw@db/x", "? has a port that is no number from 1 to 65535"},
        Row{"jdbc:postgresql://me@db/x",
            "? has an '@' in the host; user and password have keys of their own"},
        Row{"jdbc:postgresql://d b/x", "? has a character in the host that no host has"},
        Row{"jdbc:postgresql://db:0/x", "? has a port that is no number from 1 to 65535"},
        Row{"jdbc:postgresql://db:65536/x", "? has a port that is no number from 1 to 65535"},
        Row{"jdbc:postgresql://db:/x", "? has a port that is no number from 1 to 65535"},
        Row{"jdbc:postgresql://2001:db8::1/x", "? has a port that is no number from 1 to 65535"},
        Row{"jdbc:postgresql://[::1/x", "? has a '[' without a ']'"},
        Row{"jdbc:postgresql://[db]/x", "? has something other than an IPv6 address in [ ]"},
        Row{"jdbc:postgresql://[::1]5432/x", "? has more than ':PORT' behind a ']'"},
        Row{"jdbc:postgresql://db/%zz",
            "? has a '%' without two hex digits behind it; write %25 for '%'"},
        Row{"jdbc:postgresql://db/x?password=100%",
            "? has a '%' without two hex digits behind it; write %25 for '%'"},
        Row{"jdbc:postgresql://db/x?=1", "? has a parameter without a name"},
        Row{"jdbc:sqlserver:db", "? does not begin with jdbc:sqlserver://"},
        Row{"jdbc:sqlserver://db/app", "? has a character in the host that no host has"},
        Row{"jdbc:sqlserver://databaseName=app", "? has a character in the host that no host has"},
        Row{"jdbc:sqlserver://db:x;", "? has a port that is no number from 1 to 65535"},
        Row{"jdbc:sqlserver://;serverName=\\prod", "? has an empty host"},
        Row{"jdbc:sqlserver://db;port=0", "? has a port that is no number from 1 to 65535"},
        Row{"jdbc:sqlserver://db;encrypt",
            "? has a property without '='; a ';' inside of a value is written {;}"},
        Row{"jdbc:sqlserver://db;password=a;b;user=c",
            "? has a property without '='; a ';' inside of a value is written {;}"},
        Row{"jdbc:sqlserver://db;=x", "? has a property without a name"},
        Row{"jdbc:sqlserver://db;password={a}}",
            "? has a '{' without a '}'; a '}' inside of braces is written twice"},
        Row{"jdbc:sqlserver://db;password={a}b", "? has something between a '}' and ';'"}));

TEST(JdbcProperties, AreFoundWithoutCaseByTheVendorThatReadsThemSo) {
  const auto sql = *parse_jdbc_url("jdbc:sqlserver://db;Encrypt=true;ENCRYPT=false");
  ASSERT_NE(sql.find("encrypt"), nullptr);
  EXPECT_EQ(*sql.find("encrypt"), "false") << "the last one counts";
  EXPECT_EQ(sql.find("authentication"), nullptr);
  const auto pg = *parse_jdbc_url("jdbc:postgresql://db/a?sslMode=x&sslmode=y");
  EXPECT_EQ(*pg.find("sslMode"), "x");
  EXPECT_EQ(*pg.find("sslmode"), "y");
  EXPECT_EQ(pg.find("SSLMODE"), nullptr);
}

TEST(JdbcHosts, StandAloneInASettingToo) {
  const auto host = parse_jdbc_host("PG.example.com:5433", kPostgresqlPort);
  ASSERT_TRUE(host.ok());
  EXPECT_EQ(*host, (JdbcHost{"pg.example.com", 5433, JdbcHost::Port::kWritten}));
  EXPECT_EQ(*parse_jdbc_host("[::1]", kSqlServerPort),
            (JdbcHost{"::1", 1433, JdbcHost::Port::kDefault}));
  for (const std::string_view text : {"", ":1", "a,b", "a:b", "[]", "https://a", "a\tb"}) {
    EXPECT_FALSE(parse_jdbc_host(text, 1).ok()) << text;
  }
}

}  // namespace
}  // namespace keyferry
