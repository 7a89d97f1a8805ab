"""Asks both sides all questions, and sorts what differs by rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fake_nova.verification import parts, views
from fake_nova.verification.questions import Answer, Order, Pages, Question, Rule
from fake_nova.verification.samples import Samples
from fake_nova.verification.sides import Asker


class Difference(NamedTuple):
    """A difference in the answers to one question.

    Attributes:
        rule: the rule that the question is about.
        question: the question.
        cloud_value: what the cloud's answers have, as far as the rule that differs is about it.
        fake_value: what the fake's answers have.
        cloud: the cloud's answers.
        fake: the fake's answers.
    """

    rule: Rule
    question: Question
    cloud_value: Any
    fake_value: Any
    cloud: Pages
    fake: Pages


@dataclass
class Result:
    """What came out for one rule.

    Attributes:
        service: the service.
        rule: the name of the rule.
        questions: the number of questions whose answers were compared.
        differences: those that differ, the shortest request first.
        obstacle: why it could not be asked; "" if it could.
        remedy: the settings with which a fake agrees with the cloud; "" if there are none.
        is_part: whether the rule is about a part of all answers, and has no questions of its own.
    """

    service: str
    rule: str
    questions: int = 0
    differences: list[Difference] = field(default_factory=list)
    obstacle: str = ""
    remedy: str = ""
    is_part: bool = False

    @property
    def outcome(self) -> str:
        """The outcome in a word or three."""
        if self.differences:
            return "different"
        return "same" if self.questions else "could not ask"


Results = dict[tuple[str, str], Result]


class Exchange(NamedTuple):
    """A question, and the answers of both sides.

    Attributes:
        service: the service.
        rule: the rule that the question is about.
        question: the question.
        cloud: the cloud's answers.
        fake: the fake's answers.
    """

    service: str
    rule: Rule
    question: Question
    cloud: list[Answer]
    fake: list[Answer]


class Verification(NamedTuple):
    """What is to be verified.

    Attributes:
        cloud: asks the cloud.
        fake: asks the fake.
        samples: the values for the questions.
        rules: service -> its rules.
        on_question: called before each question.
    """

    cloud: Asker
    fake: Asker
    samples: Samples
    rules: Mapping[str, tuple[Rule, ...]]
    on_question: Callable[[], None] = lambda: None

    def questions(self) -> Iterator[tuple[str, Rule, Question]]:
        """Yield each question with its service and rule."""
        for service, rules in self.rules.items():
            for rule in rules:
                for each in rule.questions(self.samples):
                    yield service, rule, Question(each) if isinstance(each, str) else each

    def run(self) -> Results:
        """Ask all questions, and return the results by service and rule, in the order of the tables."""
        results: Results = {}
        self.compare_lists()
        for service, rules in self.rules.items():
            obstacle = self._obstacle(service)
            for rule in rules:
                results[service, rule.name] = Result(service, rule.name, obstacle=obstacle)
            for name in parts.names(service):
                results[service, name] = Result(service, name, obstacle=obstacle, is_part=True)
        for service, rule, question in self.questions():
            if service in self.cloud.side.roots:
                self.on_question()
                self._ask(results, service, rule, question)
        for result in results.values():
            result.differences.sort(key=lambda each: (len(each.question.headers), len(each.question.path)))
            self._shorten(result)
        return results

    def _shorten(self, result: Result) -> None:
        """Leave out the parameters of the first difference without which it stays."""
        if not result.differences:
            return
        difference = result.differences[0]
        for shorter in _without_each_parameter(difference.question):
            cloud = self.cloud.ask(result.service, shorter)
            fake = self.fake.ask(result.service, shorter)
            findings = self.findings(Exchange(result.service, difference.rule, shorter, cloud, fake))
            finding = next((each for each in findings if each.rule == result.rule), None)
            if finding is not None:
                shorter_difference = Difference(
                    difference.rule, shorter, finding.cloud, finding.fake, cloud, fake
                )
                result.differences.insert(0, shorter_difference)
                return

    def compare_lists(self) -> None:
        """Note which images only one side lists at all."""
        for service, order in self.cloud.orders.items():
            other = self.fake.orders[service]
            order.unshared_ids = other.unshared_ids = set(order.ids) ^ set(other.ids)

    def _obstacle(self, service: str) -> str:
        if service not in self.cloud.side.roots:
            return f"the cloud has no {service} service"
        return "nothing in the cloud fits the question"

    def _ask(self, results: Results, service: str, rule: Rule, question: Question) -> None:
        cloud = self.cloud.ask(service, question)
        if cloud[-1].status >= 500:
            results[service, rule.name].obstacle = f"the cloud fails with {cloud[-1].status}"
            return
        exchange = Exchange(service, rule, question, cloud, self.fake.ask(service, question))
        findings = self.findings(exchange)
        if findings and self.cloud.ask(service, question) != cloud:
            results[service, rule.name].obstacle = "the cloud's answer changes from one request to the next"
            return
        names = [rule.name]
        if cloud[0].status == exchange.fake[0].status:
            names += parts.names(service)
        for name in names:
            results[service, name].questions += 1
        for finding in findings:
            difference = Difference(rule, question, finding.cloud, finding.fake, cloud, exchange.fake)
            results[service, finding.rule].differences.append(difference)

    def findings(self, exchange: Exchange) -> list[parts.Finding]:
        """Return what differs in the answers of both sides, by rules."""
        service, rule, _, cloud, fake = exchange
        name = rule.name
        own_list = rule.own_list or service
        if cloud == fake and self.cloud.orders[own_list] == self.fake.orders[own_list]:
            return []
        if rule.view is views.refusal:
            values = [rule.view(pages, Order()) for pages in (cloud, fake)]
            return [parts.Finding(name, *values)] if values[0] != values[1] else []
        if cloud[0].status >= 500:  # the cloud's own failure
            return []
        statuses = [[page.status for page in pages] for pages in (cloud, fake)]
        if statuses[0][0] != statuses[1][0]:
            return [parts.Finding(name, *([page.status for page in pages] for pages in (cloud, fake)))]
        if cloud[0].status >= 400:
            values = [pages[0].body for pages in (cloud, fake)]
        else:
            askers = (self.cloud, self.fake)
            pairs = zip((cloud, fake), askers, strict=True)
            values = [rule.view(pages, asker.orders[own_list]) for pages, asker in pairs]
        findings = [parts.Finding(name, *values)] if values[0] != values[1] else []
        return [*findings, *parts.compare(service, cloud, fake)]


def _without_each_parameter(question: Question) -> Iterator[Question]:
    """Yield a question without one of its parameters, for each of them; nothing if there is only one."""
    path, _, text = question.path.partition("?")
    pairs = text.split("&")
    if len(pairs) > 1:
        for index in range(len(pairs)):
            rest = "&".join((*pairs[:index], *pairs[index + 1 :]))
            yield question._replace(path=f"{path}?{rest}")


def add_results(results: Results, others: Results) -> None:
    """Add further results; those of one rule become one."""
    for key, other in others.items():
        result = results.setdefault(key, other)
        if result is not other:
            result.questions += other.questions
            result.remedy = result.remedy if result.differences else other.remedy
            result.differences += other.differences
