from gharial.lifecycle.machine import cpu_model, machine_facts
from gharial.process.build import IS_COMPILED


def test_the_processor_is_named_as_the_system_names_it(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel name\t: Zilog Z80: fast\n")
    assert cpu_model(info) == "Zilog Z80: fast"


def test_where_the_system_does_not_say_the_kind_of_machine_has_to_do(tmp_path):
    info = tmp_path / "cpuinfo"
    unnamed = cpu_model(info)
    assert unnamed
    info.write_text("model name\t:\n")
    assert cpu_model(info) == unnamed


def test_each_fact_is_told():
    facts = machine_facts()
    assert all(facts.values())
    assert int(facts["Cores"]) > 0
    assert facts["Hot path"] == ("compiled" if IS_COMPILED else "plain Python")
    assert facts["Wire"].startswith("picows 2")
