"""Made-up people for the corpora of the detectors: who they are and what they do.

Written from how households, cafés, offices, people with several accounts and farms behave, and
not from the detectors' rules: nothing of the product is imported here.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

FAMILIES = ("Nguyen", "Tran", "Le", "Pham", "Hoang", "Phan", "Vu", "Dang", "Bui", "Do", "Ho", "Ngo")
MIDDLES = ("Van", "Thi", "Duc", "Minh", "Ngoc", "Quang", "Thanh", "Huu", "Xuan", "Kim")
GIVEN = (
    "An", "Binh", "Cuong", "Dung", "Giang", "Hai", "Hanh", "Hieu", "Hoa", "Hung", "Khanh", "Lan",
    "Linh", "Long", "Mai", "Nam", "Nga", "Phuc", "Quan", "Son", "Tam", "Thao", "Thu", "Tuan", "Yen",
)  # fmt: skip
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Account:
    """An account with what it was seen with."""

    name: str
    owner: str
    """Who really has it; two accounts of one owner are one person's."""
    born_at: datetime
    legal_name: str | None = None
    places: list[tuple[str, str]] = field(default_factory=list)
    """Address and device of each sign-in."""
    payers: list[str] = field(default_factory=list)


class Town:
    """Makes people, each kind by what it does."""

    def __init__(self, rng):
        self.rng = rng
        self.accounts = []
        self.count = 0
        self.carriers = [self.address() for _ in range(15)]

    def address(self):
        rng = self.rng
        return ".".join(str(rng.randint(2, 250)) for _ in range(4))

    def device(self):
        self.count += 1
        return f"device-{self.count}"

    def full_name(self, family=None):
        rng = self.rng
        family = family or rng.choice(FAMILIES)
        return f"{family} {rng.choice(MIDDLES)} {rng.choice(GIVEN)}"

    def some_time(self):
        return START + timedelta(minutes=self.rng.randrange(365 * 24 * 60))

    def open(self, owner, born_at, *, legal_name=None):
        self.count += 1
        account = Account(f"account-{self.count}", owner, born_at, legal_name)
        self.accounts.append(account)
        return account

    def sign_in(self, account, addresses, devices, times=6):
        """Mostly at home, sometimes over the telephone's own network."""
        for _ in range(times):
            away = self.rng.random() < 0.25
            ip = self.rng.choice(self.carriers) if away else self.rng.choice(addresses)
            account.places.append((ip, self.rng.choice(devices)))

    def add_household(self):
        """Two to four people under one roof, each with a telephone of his own."""
        rng = self.rng
        home, family = self.address(), rng.choice(FAMILIES)
        tablet = self.device() if rng.random() < 0.4 else None
        first = self.some_time()
        members = []
        for _ in range(rng.randint(2, 4)):
            name = self.full_name(family if rng.random() < 0.6 else None)
            same_evening = rng.random() < 0.1
            born = first + timedelta(minutes=rng.randint(5, 200)) if same_evening else None
            legal = name if rng.random() < 0.6 else None
            account = self.open(self.device(), born or self.some_time(), legal_name=legal)
            devices = [self.device()]
            if tablet and rng.random() < 0.6:
                devices.append(tablet)
            self.sign_in(account, [home], devices)
            account.payers += [name] * rng.randint(0, 3)
            members.append((account, name))
        if rng.random() < 0.05:
            members[0][0].payers.append(members[1][1])

    def add_crowd(self, people, shared_devices):
        """A café with machines for everybody, or an office where all bring their own."""
        rng = self.rng
        place = self.address()
        machines = [self.device() for _ in range(shared_devices)]
        for _ in range(people):
            name = self.full_name()
            legal = name if rng.random() < 0.4 else None
            account = self.open(self.device(), self.some_time(), legal_name=legal)
            devices = machines or [self.device()]
            self.sign_in(account, [place, self.address()], devices)
            account.payers += [name] * rng.randint(0, 3)

    def add_double(self):
        """One person with two or three accounts for the bonus of new ones."""
        rng = self.rng
        home, owner, name = self.address(), self.device(), self.full_name()
        devices = [self.device() for _ in range(rng.randint(1, 2))]
        born = self.some_time()
        for number in range(rng.randint(2, 3)):
            born += timedelta(minutes=rng.choice((10, 40, 300, 4000)))
            account = self.open(owner, born, legal_name=name if number == 0 else None)
            careful = rng.random() < 0.1
            self.sign_in(account, [home], [self.device()] if careful else devices)
            account.payers += [name] * rng.randint(1, 3)

    def add_farm(self):
        """An operator with many accounts, few telephones, some straw men who pay, and proxies."""
        rng = self.rng
        owner = self.device()
        phones = [self.device() for _ in range(rng.randint(1, 3))]
        mules = [self.full_name() for _ in range(rng.randint(1, 2))]
        office = [self.address() for _ in range(rng.choice((1, 1, 4)))]
        born = self.some_time()
        for _ in range(rng.randint(6, 12)):
            born += timedelta(minutes=rng.randint(2, 25))
            bought = self.full_name() if rng.random() < 0.08 else None
            account = self.open(owner, born, legal_name=bought)
            self.sign_in(account, office, phones, times=8)
            account.payers += [rng.choice(mules) for _ in range(rng.randint(2, 4))]


def build_town(rng):
    """Accounts of all kinds of people, most of them honest."""
    town = Town(rng)
    for _ in range(80):
        town.add_household()
    for _ in range(8):
        town.add_crowd(rng.randint(15, 30), rng.randint(4, 8))
    for _ in range(6):
        town.add_crowd(rng.randint(6, 20), 0)
    for _ in range(45):
        town.add_double()
    for _ in range(8):
        town.add_farm()
    rng.shuffle(town.accounts)
    return town.accounts
