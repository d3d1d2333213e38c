"""Made-up payments for the corpora of the radar and of third-party payers.

Written from how people pay, and not from the product's rules: nothing of it is imported here.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class TwoTrades:
    """Two trades with one declared payer and two sellers."""

    apart_s: float
    same_amount: bool
    same_device: bool
    same_network: bool
    payer_is_buyer: bool
    is_fraud: bool

    @property
    def apart(self):
        return timedelta(seconds=self.apart_s)


def make_fraud(rng):
    """One stranger's payment claimed twice: by one account, or by two on one telephone.

    The second trade is opened at once, because the stranger pays only once and soon.
    """
    one_account = rng.random() < 0.5
    other_phone = not one_account and rng.random() < 0.15
    return TwoTrades(
        apart_s=min(rng.expovariate(1 / 90), 1500),
        # Now and then he asks for a little more, so that the sums differ.
        same_amount=rng.random() < 0.97,
        same_device=not other_phone,
        same_network=not other_phone or rng.random() < 0.9,
        payer_is_buyer=False,
        is_fraud=True,
    )


def make_honest(rng):
    """Three kinds: a buyer who buys from two sellers, namesakes, a couple at one table."""
    kind = rng.choice(("buyer", "buyer", "namesakes", "couple"))
    round_sum = rng.random() < 0.3
    if kind == "buyer":
        # His own account pays both; about one in ten has not been checked yet.
        return TwoTrades(
            apart_s=rng.uniform(20, 1800), same_amount=round_sum, same_device=True,
            same_network=True, payer_is_buyer=rng.random() < 0.9, is_fraud=False,
        )  # fmt: skip
    if kind == "namesakes":
        return TwoTrades(
            apart_s=rng.uniform(1, 1800), same_amount=round_sum, same_device=False,
            same_network=rng.random() < 0.02, payer_is_buyer=False, is_fraud=False,
        )  # fmt: skip
    return TwoTrades(
        apart_s=rng.uniform(30, 1800), same_amount=rng.random() < 0.1,
        same_device=rng.random() < 0.3, same_network=True, payer_is_buyer=False, is_fraud=False,
    )  # fmt: skip


OWN_NAMES = (
    ("Nguyễn Văn An", "NGUYEN VAN AN"), ("Nguyễn Văn An", "An Nguyen Van"),
    ("Trần Thị Bích Ngọc", "TRAN THI BICH NGOC"), ("Trần Thị Bích Ngọc", "TRAN BICH NGOC"),
    ("Lê Hoàng Minh Đức", "LE HOANG MINH DUC"), ("Đặng Thuỳ Trâm", "DANG THUY TRAM"),
    ("Phạm Quốc Bảo", "pham  quoc   bao"), ("Vũ Đức Đam", "VU DUC DAM"),
    ("José María García López", "JOSE MARIA GARCIA LOPEZ"),
    ("José María García López", "GARCIA LOPEZ JOSE MARIA"),
    ("José María García López", "Jose Garcia Lopez"),
    ("Chukwuemeka Obi Nwosu", "NWOSU CHUKWUEMEKA OBI"), ("Adaeze O'Connor", "ADAEZE OCONNOR"),
    ("Mr John Smith", "JOHN SMITH"), ("John Adam Smith", "JOHN SMITH"),
    ("Anne-Marie Dubois", "ANNE MARIE DUBOIS"), ("François Müller", "FRANCOIS MULLER"),
    ("Łukasz Wiśniewski", "LUKASZ WISNIEWSKI"), ("Søren Kierkegaard", "SOREN KIERKEGAARD"),
    ("Мария Иванова", "MARIYA IVANOVA"), ("Айгуль Нурланова", "AYGUL NURLANOVA"),
    ("Siti Nurhaliza Binti Ahmad", "SITI NURHALIZA BINTI AHMAD"),
    ("Priya Ramesh Kumar", "KUMAR PRIYA RAMESH"), ("Mehmet Öztürk", "MEHMET OZTURK"),
    ("Ayşe Yılmaz", "AYSE YILMAZ"), ("Thaddeus van der Berg", "VAN DER BERG THADDEUS"),
    ("Juan dela Cruz", "JUAN DELA CRUZ"), ("Somchai Jaidee", "somchai jaidee"),
    ("Wanjiku Kamau", "KAMAU WANJIKU"), ("Ngô Bảo Châu", "NGO BAO CHAU"),
)  # fmt: skip
"""Who the buyer was found to be, and how his own bank writes his name."""
OTHER_NAMES = (
    ("Nguyễn Văn An", "NGUYEN VAN ANH"), ("Nguyễn Văn An", "NGUYEN VAN BINH"),
    ("Nguyễn Văn An", "TRAN VAN AN"), ("Nguyễn Văn An", "NGUYEN THI AN"),
    ("Nguyễn Văn An", "CONG TY TNHH VAN AN"), ("Trần Thị Bích Ngọc", "TRAN THI NGOC BICH LAN"),
    ("Trần Thị Bích Ngọc", "TRAN THI NGA"), ("Lê Hoàng Minh Đức", "LE HOANG MINH"),
    ("Đặng Thuỳ Trâm", "DANG THUY TIEN"), ("Phạm Quốc Bảo", "PHAM QUOC BINH"),
    ("José María García López", "MARIA LOPEZ"), ("José María García López", "JOSE GARCIA PEREZ"),
    ("Chukwuemeka Obi Nwosu", "CHUKWUEMEKA OBI NWACHUKWU"), ("Adaeze O'Connor", "ADA OCONNOR"),
    ("John Smith", "JOHN SMYTH"), ("John Smith", "JANE SMITH"),
    ("John Adam Smith", "ADAM SMITHSON"),
    ("Anne-Marie Dubois", "MARIE DUPONT"), ("François Müller", "FRANZ MULLER"),
    ("Łukasz Wiśniewski", "LUKASZ WISNIEWSKA"), ("Søren Kierkegaard", "SOREN KIERKE"),
    ("Мария Иванова", "MARIYA PETROVA"), ("Siti Nurhaliza Binti Ahmad", "NURHALIZA SHOP"),
    ("Priya Ramesh Kumar", "RAMESH KUMAR"), ("Mehmet Öztürk", "AHMET OZTURK"),
    ("Ayşe Yılmaz", "ALI YILMAZ"), ("Juan dela Cruz", "JUANITO CRUZ"),
    ("Somchai Jaidee", "SOMSAK JAIDEE"), ("Wanjiku Kamau", "WANJIRU KAMAU"),
    ("Ngô Bảo Châu", "NGO BAO TRAN"),
)  # fmt: skip
"""Who the buyer was found to be, and the name of somebody else who pays."""
