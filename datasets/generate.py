"""Write default.csv: 303 patients who never lived, in the 14 columns of the UCI heart-disease data.

    python datasets/generate.py

Every run on every machine writes the same bytes: the only source of chance is `random.Random.random`, which
Python promises to keep the same for a seed.

How a patient is made: age and sex decide how probable a narrowed coronary artery is; narrowing and chance
make a `burden`; age, sex, narrowing and burden make the findings. The sizes follow what is known of
patients who are sent to coronary angiography:

- two thirds are men, the mean age is 54; a man's odds of a narrowed artery are about three times a woman's
  and rise by about 4 % a year (the pre-test probabilities of Diamond and Forrester, New England Journal of
  Medicine 1979; the Cleveland Clinic patients of Detrano and others, American Journal of Cardiology 1989)
- silent disease is common in this group: most with narrowing report no chest pain, most without it report
  pain that is atypical or not from the heart (Detrano)
- resting pressure is about 131 mmHg and rises by half a mmHg a year, cholesterol is about 246 mg/dl and
  higher in women of this age (the Framingham study); once a patient is referred neither says much about
  narrowing
- the highest heart rate falls by about 0.9 a year (the rule of 220 less age, Fox and Haskell) and is lower
  under burden; ST depression and angina under exercise rise with burden, and a deep depression goes with a
  flat or falling slope (the exercise-test guidelines of the American Heart Association)
- vessels that show narrowing under fluoroscopy and reversible thallium defects go strongly with it
  (Detrano)

The codes are those of the version of the data that is passed around most: `cp` 0 none, 1 atypical, 2 not
from the heart, 3 typical; `restecg` 0 hypertrophy, 1 normal, 2 ST-T abnormal; `slope` 0 falling, 1 flat, 2
rising; `thal` 1 fixed defect, 2 normal, 3 reversible defect. In that version `target` is 1 for the patients
*without* narrowing, the reverse of the original study, and the many examples that call class 1
"heart-disease" inherit that. It is kept here, so that a model answers alike whichever of the two files it
learned from. Nothing here is fit to decide about anybody's heart.
"""

import csv
import io
import math
import random
from collections.abc import Mapping
from pathlib import Path

PATIENTS = 303
SEED = 42
TARGET = Path(__file__).with_name("default.csv")

# Chance that a finding was not recorded. Age, sex, exercise angina and the diagnosis always are.
UNRECORDED = {
    "trestbps": 0.01,
    "chol": 0.03,
    "fbs": 0.02,
    "restecg": 0.01,
    "thalach": 0.01,
    "oldpeak": 0.01,
    "slope": 0.02,
    "ca": 0.03,
    "thal": 0.02,
}

CHEST_PAIN = {True: {0: 0.74, 1: 0.08, 2: 0.14, 3: 0.04}, False: {0: 0.25, 1: 0.25, 2: 0.37, 3: 0.13}}
RESTING_ECG = {0: 0.48, 1: 0.50, 2: 0.02}
VESSELS = {True: {0: 0.33, 1: 0.32, 2: 0.22, 3: 0.13}, False: {0: 0.79, 1: 0.14, 2: 0.05, 3: 0.02}}
THALLIUM = {True: {1: 0.08, 2: 0.35, 3: 0.57}, False: {1: 0.07, 2: 0.73, 3: 0.20}}
SLOPE_BY_DEPRESSION = (  # up to this ST depression in mm, the chances of each slope
    (0.8, {0: 0.03, 1: 0.25, 2: 0.72}),
    (2.0, {0: 0.07, 1: 0.60, 2: 0.33}),
    (math.inf, {0: 0.22, 1: 0.70, 2: 0.08}),
)

Patient = dict[str, int | float | None]


class Chance:
    """Draws that need nothing but `random()`, so that no version of Python draws another way."""

    def __init__(self, seed: int) -> None:
        self._uniform = random.Random(seed).random

    def happens(self, probability: float) -> bool:
        return self._uniform() < probability

    def choice(self, weights: Mapping[int, float]) -> int:
        left = self._uniform()
        for value, weight in weights.items():
            left -= weight
            if left < 0:
                return value
        return value

    def normal(self, mean: float, spread: float) -> float:
        """Twelve uniform draws less six: mean 0, variance 1, and additions only, so the same everywhere."""
        total = -6.0
        for _ in range(12):
            total += self._uniform()
        return mean + spread * total

    def measured(self, mean: float, spread: float, lowest: int, highest: int) -> int:
        return min(max(round(self.normal(mean, spread)), lowest), highest)


def logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def patient(chance: Chance) -> Patient:
    male = chance.happens(0.68)
    age = chance.measured(54.4, 9, 29, 77)
    years = age - 54.4
    narrowed = chance.happens(logistic(-1.05 + 0.04 * years + 1.2 * male))
    burden = chance.normal(0.8 if narrowed else -0.7, 1)
    depression = round(min(max(chance.normal(0.8 + 0.5 * burden, 1.1), 0.0), 6.2), 1)
    findings: Patient = {
        "age": age,
        "sex": int(male),
        "cp": chance.choice(CHEST_PAIN[narrowed]),
        "trestbps": 2
        * chance.measured((131 + 0.5 * years) / 2, 8, 47, 100),  # cuffs are read to even numbers
        "chol": chance.measured(241 + 1.1 * years + (0 if male else 16), 46, 126, 564),
        "fbs": int(chance.happens(logistic(-1.75 + 0.02 * years))),
        "restecg": chance.choice(RESTING_ECG),
        "thalach": chance.measured(149.6 - 0.9 * years - 6 * burden, 18, 71, 202),
        "exang": int(chance.happens(logistic(-0.9 + 1.1 * burden))),
        "oldpeak": depression,
        "slope": chance.choice(next(slopes for limit, slopes in SLOPE_BY_DEPRESSION if depression < limit)),
        "ca": chance.choice(VESSELS[narrowed]),
        "thal": chance.choice(THALLIUM[narrowed]),
        "target": int(not narrowed),
    }
    unrecorded = {finding: None for finding, probability in UNRECORDED.items() if chance.happens(probability)}
    return findings | unrecorded


def table(count: int = PATIENTS, seed: int = SEED) -> str:
    chance = Chance(seed)
    patients = [patient(chance) for _ in range(count)]
    text = io.StringIO()
    lines = csv.DictWriter(text, patients[0], lineterminator="\n")
    lines.writeheader()
    lines.writerows(patients)
    return text.getvalue()


if __name__ == "__main__":
    TARGET.write_bytes(table().encode())
    print(TARGET)
