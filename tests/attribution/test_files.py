"""Files that the user names: published ranges, and AS numbers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from gdpr_audit.attribution import asn_file, ranges
from gdpr_audit.attribution.ranges import country_of
from gdpr_audit.errors import InputError

AWS = {
    "syncToken": "1",
    "prefixes": [
        {"ip_prefix": "35.180.0.0/16", "region": "eu-west-3", "service": "AMAZON"},
        {"ip_prefix": "35.180.0.0/16", "region": "eu-west-3", "service": "EC2"},
        {"ip_prefix": "35.0.0.0/8", "region": "us-east-1", "service": "AMAZON"},
        {"ip_prefix": "13.224.0.0/14", "region": "GLOBAL", "service": "AMAZON"},
        {"ip_prefix": "13.224.0.0/14", "region": "GLOBAL", "service": "CLOUDFRONT"},
    ],
    "ipv6_prefixes": [
        {"ipv6_prefix": "2a05:d012::/36", "region": "eu-west-3", "service": "AMAZON"}
    ],
}
AZURE = {
    "changeNumber": 1,
    "cloud": "Public",
    "values": [
        {
            "name": "AzureCloud.centralfrance",
            "properties": {
                "region": "centralfrance",
                "systemService": "",
                "addressPrefixes": ["20.19.0.0/16", "2603:1020:800::/46"],
            },
        },
        {
            "name": "AzureFrontDoor.Frontend",
            "properties": {
                "region": "",
                "systemService": "AzureFrontDoor",
                "addressPrefixes": ["13.107.246.0/24"],
            },
        },
        {
            "name": "AzureCloud.eastus",
            "properties": {
                "region": "eastus", "systemService": "", "addressPrefixes": ["13.107.246.0/24"],
            },
        },
    ],
}  # fmt: skip
GOOGLE = {
    "syncToken": "1",
    "prefixes": [
        {"ipv4Prefix": "34.155.0.0/16", "service": "Google Cloud", "scope": "europe-west9"},
        {"ipv6Prefix": "2600:1901::/48", "service": "Google Cloud", "scope": "global"},
    ],
}
ORACLE = {
    "last_updated_timestamp": "x",
    "regions": [{"region": "eu-marseille-1", "cidrs": [{"cidr": "129.151.0.0/16", "tags": []}]}],
}
CLOUDFLARE = {"result": {"ipv4_cidrs": ["104.16.0.0/13"], "ipv6_cidrs": ["2606:4700::/32"]}}
FASTLY = {"addresses": ["151.101.0.0/16"], "ipv6_addresses": ["2a04:4e42::/32"]}


@pytest.fixture
def clouds(tmp_path: Path) -> ranges.Ranges:
    files = []
    for name, content in {
        "aws": AWS, "azure": AZURE, "google": GOOGLE, "oracle": ORACLE, "cf": CLOUDFLARE,
        "fastly": FASTLY,
    }.items():  # fmt: skip
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content))
        files.append(path)
    feed = tmp_path / "feed.csv"
    feed.write_text("# a geofeed\n203.0.112.0/24,NL,NL-NH,Amsterdam,\n198.18.0.0/24,,,,\n")
    return ranges.load([*files, f"DigitalOcean={feed}"])


@pytest.mark.parametrize(
    ("address", "operator", "region", "country"),
    [
        ("35.180.1.1", "Amazon Web Services", "eu-west-3", "FR"),
        ("35.1.1.1", "Amazon Web Services", "us-east-1", "US"),
        ("13.224.1.1", "Amazon CloudFront", None, None),
        ("2a05:d012::1", "Amazon Web Services", "eu-west-3", "FR"),
        ("20.19.4.4", "Microsoft Azure", "centralfrance", "FR"),
        ("13.107.246.40", "Azure Front Door and CDN", None, None),
        ("34.155.0.9", "Google Cloud", "europe-west9", "FR"),
        ("2600:1901::9", "Google Cloud", None, None),
        ("129.151.2.2", "Oracle Cloud", "eu-marseille-1", "FR"),
        ("104.17.0.1", "Cloudflare", None, None),
        ("151.101.1.1", "Fastly", None, None),
        ("203.0.112.9", "DigitalOcean", "Amsterdam", "NL"),
        ("198.18.0.9", "DigitalOcean", None, None),
    ],
)
def test_a_published_range_names_operator_and_region(
    clouds: ranges.Ranges, address: str, operator: str, region: str | None, country: str | None
) -> None:
    found = clouds.find(address)

    assert found is not None
    assert (found.operator, found.region, found.country) == (operator, region, country)


def test_an_address_outside_all_ranges_is_nobodys(clouds: ranges.Ranges) -> None:
    assert clouds.find("192.0.2.1") is None
    assert clouds.find("2001:db8::1") is None


@pytest.mark.parametrize(
    ("region", "country"),
    [
        ("europe-west9", "FR"), ("asia-southeast1", "SG"), ("asia-south1", "IN"),
        ("us-central1", "US"), ("mars-north1", None),
    ],
)  # fmt: skip
def test_where_a_region_lies(region: str, country: str | None) -> None:
    assert country_of("Google Cloud", region) == country


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("{", "not a JSON file"),
        ("{}", "not a file of published ranges"),
        ("[1]", "not a file of published ranges"),
        ('{"a":' * 5000, "not a JSON file"),
        (json.dumps({**AWS, "prefixes": [{"ip_prefix": "300.1.1.1/8"}]}), "not a prefix"),
        (json.dumps({"syncToken": "1", "prefixes": [{"service": "x"}]}), "not a prefix"),
        ("192.0.2.0/24\n", "whose ranges"),
    ],
)
def test_a_file_of_ranges_that_is_wrong_is_refused(tmp_path: Path, content: str, word: str) -> None:
    path = tmp_path / "ranges.json"
    path.write_text(content)

    with pytest.raises(InputError, match=word):
        ranges.load([path])


def test_whose_plain_ranges_are_is_a_known_operator(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("192.0.2.0/24\n")

    with pytest.raises(InputError, match="no operator"):
        ranges.load([f"Nobody={path}"])
    with pytest.raises(InputError, match="cannot read"):
        ranges.load([tmp_path / "missing"])


TABLE = (
    "1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET\n"
    "1.0.1.0\t1.0.3.255\t0\tNone\tNot routed\n"
    "51.68.0.0\t51.68.255.255\t16276\tFR\tOVH\n"
    "2001:41d0::\t2001:41d0:ffff:ffff:ffff:ffff:ffff:ffff\t16276\tFR\tOVH\n"
)


@pytest.mark.parametrize("packed", [False, True])
def test_an_address_is_looked_up_in_an_ip2asn_table(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "ip2asn.tsv"
    path.write_bytes(gzip.compress(TABLE.encode()) if packed else TABLE.encode())

    find = asn_file.load(path)

    assert find("51.68.7.7") == asn_file.Origin(16276, "OVH", "51.68.0.0-51.68.255.255")
    found = find("2001:41d0::5")
    assert found is not None
    assert found.asn == 16276
    assert find("1.0.2.1") is None  # in the table, and announced by nobody
    assert find("9.9.9.9") is None


@pytest.mark.parametrize(
    "record",
    [
        {"autonomous_system_number": 16276, "autonomous_system_organization": "OVH SAS"},
        {"asn": "AS16276", "as_name": "OVH SAS"},
    ],
)
def test_an_address_is_looked_up_in_an_mmdb(tmp_path: Path, record: dict[str, object]) -> None:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test-ASN")
    writer.insert_network(IPSet(["51.68.0.0/16"]), record)
    path = tmp_path / "asn.mmdb"
    writer.to_db_file(str(path))

    find = asn_file.load(path)

    assert find("51.68.7.7") == asn_file.Origin(16276, "OVH SAS", "51.68.0.0/16")
    assert find("9.9.9.9") is None


@pytest.mark.parametrize(
    "content",
    [
        b"", b"one line\n", b"1.0.0.0\t2001::\t3\tFR\tx\n", b"\x1f\x8b\x00rubbish",
        b"start\tend\tAS\tcountry\tname\n", b"x\xab\xcd\xefMaxMind.com",
    ],
)  # fmt: skip
def test_a_table_of_networks_that_is_wrong_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table"
    path.write_bytes(content)

    with pytest.raises(InputError, match="--asn-file"):
        asn_file.load(path)
