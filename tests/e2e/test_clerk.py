"""What a clerk does: enter a record, be told what the law asks for, complete it; and what the head does: publish it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import overflow

TSV = "信息项名称\t数据类型\t数据长度\t主键\n渡口编号\t字符型\t20\t是\n渡口名称\tC\t100\t\n泊位数\tint\t\t\n"


def check(page: Page) -> None:
    """Press “check and complete” and wait for the answer."""
    page.locator("button[value=complete]").click()
    page.wait_for_load_state()


def refusal(page: Page):
    """Return the summary of what is wrong, which has the focus of whoever uses a screen reader."""
    summary = page.get_by_role("alert")
    expect(summary).to_be_visible()
    return summary


def put(page: Page, **values: str) -> None:
    """Fill in fields of the form by their key; lists of choices by their code."""
    for key, value in values.items():
        field = page.locator(f"#field-{key}")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def filled_in(page: Page, title: str, code: str) -> None:
    """Fill in everything that a complete record needs."""
    put(page, title=title, notes="全市渡口码头的名称、位置和泊位数，每年汇总一次。", catalog_code=code)
    for place, level in enumerate(("主题", "交通运输", "水路运输")):
        page.locator("#field-class_path input").nth(place).fill(level)
    put(page, format_class="spreadsheet", format_type="xlsx", update_cycle="yearly", published_on="2026-05-05")
    put(page, sharing_type="unconditional")
    put(page, sharing_mode_class="platform")
    put(page, sharing_mode_type="file")
    put(page, opening_type="unconditional")
    page.locator("[name=items__0__name]").fill("渡口编号")
    page.locator("[name=items__0__type]").select_option("C")
    page.locator("[name=items__0__length]").fill("20")


def test_a_clerk_sees_each_rule_refuse_with_its_article_and_then_completes_the_record(opened, city):
    page = opened(as_user=city.clerk)
    page.goto("/dataset/new")
    put(page, title="全市渡口码头名录")

    # an empty draft: everything that is missing, each linked to its field
    check(page)
    summary = refusal(page)
    expect(summary).to_contain_text("目录已保存")
    expect(summary).to_contain_text("第十六条")
    expect(summary).to_contain_text("第二十二条")
    summary.get_by_role("link", name="更新周期").click()
    assert page.evaluate("location.hash") == "#field-update_cycle"
    assert page.locator("#field-title").input_value() == "全市渡口码头名录"

    filled_in(page, "全市渡口码头名录", "207001/31")

    # sharing may be withheld only on a law, an administrative regulation or a central policy
    put(page, sharing_type="withheld")
    check(page)
    expect(refusal(page)).to_contain_text("第十七条第（一）项")

    # base information is shared by all: an item of it cannot stand in a restricted record
    put(page, sharing_type="conditional", sharing_condition="仅供行政依据", sharing_basis_kind="law")
    put(page, sharing_basis="《中华人民共和国测绘法》第四十七条")
    page.locator("[name=items__0__base_item]").check()
    check(page)
    expect(refusal(page)).to_contain_text("第十七条第（二）项")
    assert page.locator("#field-notes").input_value().startswith("全市渡口")
    page.locator("[name=items__0__base_item]").uncheck()

    # thematic information must be shared
    put(page, sharing_type="withheld", thematic_kind="traffic-management")
    check(page)
    expect(refusal(page)).to_contain_text("第十七条第（三）项")
    put(page, sharing_type="unconditional", thematic_kind="", sharing_condition="", sharing_basis_kind="")
    put(page, sharing_basis="")

    # the way of sharing has to suit the format
    put(page, sharing_mode_type="interface")
    check(page)
    expect(refusal(page)).to_contain_text("电子表格")
    put(page, sharing_mode_type="file")

    # sensitive information is opened only when it has been desensitised
    page.locator("#field-sensitive").check()
    check(page)
    expect(refusal(page)).to_contain_text("第二十二条")
    expect(refusal(page)).to_contain_text("脱敏")
    page.locator("#field-desensitised").check()

    # a closed record says why
    put(page, opening_type="closed")
    check(page)
    expect(refusal(page)).to_contain_text("第二十二条")
    put(page, opening_type="unconditional")

    # the provider's code has been taken from its organisation
    check(page)
    expect(page.locator(".flash-messages")).to_contain_text("完整")
    main = page.get_by_role("main")
    expect(main).to_contain_text("207001/31")
    expect(main).to_contain_text("11500000009275780L")
    expect(page.locator(".cq-todo")).to_have_count(0)
    expect(page.locator(".cq-badges").first).to_contain_text("非公开")


def test_only_the_head_is_offered_to_publish_and_the_public_finds_it_at_once(opened, city):
    clerk = opened(as_user=city.clerk)
    clerk.goto("/dataset/new")
    filled_in(clerk, "水上巴士航线时刻表", "207001/32")
    check(clerk)
    address = clerk.url
    clerk.get_by_role("link", name="编辑此目录").click()
    expect(clerk.locator("button[value=publish]")).to_have_count(0)
    refused = opened().goto(address)
    assert refused and refused.status == 404
    assert opened().goto(address).status == 404

    head = opened(as_user=city.head)
    head.goto(address)
    head.get_by_role("link", name="编辑此目录").click()
    head.locator("button[value=publish]").click()
    expect(head.locator(".flash-messages")).to_contain_text("公开")

    citizen = opened()
    citizen.goto("/dataset/?q=水上巴士")
    expect(citizen.locator(".dataset-item")).to_contain_text("水上巴士航线时刻表")

    head.goto(address)
    head.get_by_role("link", name="编辑此目录").click()
    head.locator("button[value=withdraw]").click()
    citizen.goto("/dataset/?q=水上巴士")
    expect(citizen.locator(".dataset-item")).to_have_count(0)


def test_rows_copied_in_excel_are_pasted_straight_into_the_table(opened, city):
    page = opened(as_user=city.clerk)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/dataset/new")
    put(page, title="渡口信息项")
    page.evaluate("text => navigator.clipboard.writeText(text)", TSV + "航道等级\t没有这种类型\t\t\n锚地\tC\t9\t\n")
    page.locator("[name=items__0__name]").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("[name=items__4__name]")).to_have_value("锚地")
    expect(page.locator("[name=items__0__type]")).to_have_value("C")
    expect(page.locator("[name=items__0__primary_key]")).to_be_checked()
    expect(page.locator("[name=items__2__type]")).to_have_value("I")
    expect(page.locator("[data-item-status]")).to_contain_text("5")

    # a word that is no data type is kept, and the server says what is permitted
    page.locator("button[value=draft]:visible").last.click()
    expect(refusal(page)).to_contain_text("没有这种类型")
    expect(page.locator("[name=items__3__type]")).to_have_value("没有这种类型")
    page.locator("[name=items__3__type]").select_option("C")
    page.locator("button[value=draft]:visible").last.click()
    expect(page.locator(".cq-table tbody tr")).to_have_count(5)


def test_rows_copied_in_excel_are_taken_without_scripts_too(opened, city):
    page = opened(as_user=city.clerk, scripts=False)
    page.goto("/dataset/new")
    put(page, title="渡口信息项（无脚本）")
    page.get_by_text("从 Excel 粘贴").click()
    page.locator("#field-items_paste").fill(TSV)
    page.locator("button[value=draft]:visible").last.click()
    rows = page.locator(".cq-table tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("字符型")
    expect(rows.nth(2)).to_contain_text("整型")


def test_more_rows_are_given_without_scripts_and_keep_what_was_entered(opened, city):
    page = opened(as_user=city.clerk, scripts=False)
    page.goto("/dataset/new")
    put(page, title="行数")
    page.locator("[name=items__0__name]").fill("第一项")
    page.locator("button[value=rows]").click()
    expect(page.locator("[name=items__0__name]")).to_have_value("第一项")
    expect(page.locator("#field-title")).to_have_value("行数")
    expect(page.locator("[name=items__12__name]")).to_have_count(1)


def test_a_draft_goes_on_to_its_data_files_under_their_own_names(opened, city):
    page = opened(as_user=city.clerk)
    page.goto("/dataset/new")
    put(page, title="航标灯位置")
    page.locator("button[value=data]").click()
    page.wait_for_url(re.compile("/resource/new"))
    page.locator("input[type=file]").set_input_files(
        {"name": "航标灯位置表.csv", "mimeType": "text/csv", "buffer": "编号,经度\n1,106.5\n".encode()}
    )
    page.locator("#field-name").fill("航标灯位置表.csv")
    page.locator("button[value=go-dataset-complete]").click()
    page.wait_for_url(re.compile(r"/dataset/[^/]+$"))
    expect(page.locator("#dataset-resources")).to_contain_text("航标灯位置表.csv")
    with page.expect_download() as download:
        page.locator("#dataset-resources").get_by_role("link", name=re.compile("下载")).click()
    assert download.value.suggested_filename == "航标灯位置表.csv"


@pytest.mark.parametrize("path", ["/dataset/new", "/en/dataset/new"])
def test_the_form_fits_a_telephone(opened, city, path):
    page = opened(width=375, height=740, as_user=city.clerk)
    page.goto(path)
    assert overflow(page) == []


def test_fields_that_do_not_matter_are_folded_away_and_come_back(opened, city):
    page = opened(as_user=city.clerk)
    page.goto("/dataset/new")
    put(page, sharing_type="unconditional")
    expect(page.locator("#field-sharing_basis")).to_be_hidden()
    put(page, sharing_type="withheld")
    expect(page.locator("#field-sharing_basis")).to_be_visible()


def test_without_scripts_every_field_is_there_and_says_when_it_matters(opened, city):
    page = opened(as_user=city.clerk, scripts=False)
    page.goto("/dataset/new")
    expect(page.locator("#field-sharing_basis")).to_be_visible()
    expect(page.locator("#field-sharing_basis-help")).to_contain_text("共享类型")
